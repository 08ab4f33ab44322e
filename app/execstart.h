#pragma once
#include "app/lastmessagefile.h"
#include "app/runisolation.h"
#include "app/settingflags.h"
#include "domain/settings.h"
#include "schema/outputschema.h"
#include <functional>

namespace nightshift::app {

/// Everything a run needs, checked and in memory.
struct ExecPlan
{
    Settings settings;
    RunIsolation isolation;
    std::optional<UserInput> input;    ///< Absent only for a fork without a prompt.
    std::optional<QString> reviewHint; ///< Of a review: what is reviewed, in a few words.
    std::optional<schema::OutputSchema> schema;
    std::optional<LastMessageFile> lastMessage;
};

/// Whether a model server of this machine has what the settings name; asked where --oss is.
using LocalModelCheck = std::function<Result<>(const Settings &settings)>;

/// The start-up checks of `exec`, in the reference's order; the first that fails wins, and nothing was
/// sent, written or created by then. Waits for the end of stdin where the prompt comes from there.
std::expected<ExecPlan, StartError> planExec(const ExecOptions &options, const LocalModelCheck &localModel);

} // namespace nightshift::app
