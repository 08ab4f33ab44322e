#pragma once
#include "base/result.h"
#include "domain/conversation.h"
#include <chrono>
#include <optional>

namespace nightshift::tools {

/// A command as a model asked for it, whichever of the tools it used.
struct CommandRequest
{
    QString script;   ///< For a shell to run; empty where `argv` says it all.
    QStringList argv; ///< To be run as it is.
    QString shell;    ///< Name or path; empty means the user's.
    std::optional<bool> login;
    QString workdir; ///< Relative to the session's; empty means that one.
    bool tty = false;
    bool escalated = false; ///< It should run outside the sandbox.
    QString justification;  ///< Why, in the model's words.
    std::optional<std::chrono::milliseconds> yieldTime;
    std::optional<std::chrono::milliseconds> timeout; ///< Kill it then; only the older tools have one.
    std::optional<qint64> maxOutputTokens;
    QStringList environment; ///< NAME=value, on top of the session's.
    bool operator==(const CommandRequest &) const = default;
};

/// Reads a call of `exec_command`, of `shell` or `shell_command`, or a local_shell call. The error is
/// what the model is told.
Result<CommandRequest> readCommandRequest(const ToolCall &call);

} // namespace nightshift::tools
