#pragma once
#include "domain/event.h"

namespace nightshift::tools {

/// What a call comes to, before anything of it happens: for whoever decides whether it may.
struct Proposal
{
    enum class Kind {
        Nothing, ///< It will be refused by the tool itself: it makes no sense, or a rule forbids it.
        Command,
        Patch,
        Tool, ///< Any other.
    };
    Kind kind = Kind::Tool;
    CommandLine command = {};             ///< Of Command: the argv that is really run. Of Patch only the folder.
    QString patch = {};                   ///< Of Patch: its text.
    std::vector<FileChange> changes = {}; ///< Of Patch.
    bool escalated = false;               ///< It asks to run outside of the sandbox.
    QString justification = {};           ///< The model's, with `escalated`.
    std::optional<QString> approval = {}; ///< Why somebody has to agree; absent where nobody has to.
    QString refusal = {};                 ///< Of Nothing: why, as the model will be told.
    bool operator==(const Proposal &) const = default;
};

} // namespace nightshift::tools
