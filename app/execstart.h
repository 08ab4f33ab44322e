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

/// What is done along the way, with the settings.
struct StartSteps
{
    /// As soon as they are known, whatever comes of the checks.
    std::function<void(const Settings &settings)> settingsKnown;
    /// Whether a model server of this machine has what they name; asked where --oss is.
    std::function<Result<>(const Settings &settings)> localModel;
};

/// The start-up checks of `exec`, in the reference's order; the first that fails wins, and nothing was
/// sent, written or created by then. Waits for the end of stdin where the prompt comes from there.
std::expected<ExecPlan, StartError> planExec(const ExecOptions &options, const StartSteps &steps);

} // namespace nightshift::app
