#include "tools/commandrequest.h"
#include "tools/callarguments.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::tools {

namespace {

using Need = CallArguments::Need;

std::optional<std::chrono::milliseconds> duration(CallArguments &arguments, const char *name)
{
    constexpr qint64 most = std::chrono::milliseconds(24h).count(); // timers count in 32 bits
    if (const std::optional<qint64> milliseconds = arguments.amount(name))
        return std::chrono::milliseconds(qMin(*milliseconds, most));
    return {};
}

void readPermissions(CallArguments &arguments, CommandRequest &request)
{
    const std::optional<QString> wanted = arguments.string("sandbox_permissions");
    request.escalated = wanted && *wanted != "use_default"_L1;
    request.justification = arguments.string("justification").value_or(QString());
    if (request.escalated && *wanted != "require_escalated"_L1 && *wanted != "with_additional_permissions"_L1)
        arguments.refuse(u"sandbox_permissions"_s, u"use_default or require_escalated"_s,
                         arguments.value("sandbox_permissions"));
}

CommandRequest readExecCommand(CallArguments &arguments)
{
    CommandRequest request;
    request.script = arguments.string("cmd", Need::Required).value_or(QString());
    request.shell = arguments.string("shell").value_or(QString());
    request.login = arguments.boolean("login");
    request.workdir = arguments.string("workdir").value_or(QString());
    request.tty = arguments.boolean("tty").value_or(false);
    request.yieldTime = duration(arguments, "yield_time_ms");
    request.maxOutputTokens = arguments.amount("max_output_tokens");
    readPermissions(arguments, request);
    return request;
}

/// `{"command": "ls"}` is for a shell, `{"command": ["ls"]}` is not.
void readCommand(CallArguments &arguments, CommandRequest &request)
{
    const JsonView command = arguments.value("command", Need::Required);
    if (command.isString())
        request.script = command.toString();
    else if (command.isArray())
        request.argv = arguments.strings("command").value_or(QStringList());
    if (command.exists() && !command.isString() && request.argv.isEmpty())
        arguments.refuse(u"command"_s, u"a string or a list that begins with a program"_s, command);
}

CommandRequest readShell(CallArguments &arguments)
{
    CommandRequest request;
    readCommand(arguments, request);
    request.login = arguments.boolean("login");
    request.workdir = arguments.string("workdir").value_or(QString());
    request.timeout = duration(arguments, "timeout_ms");
    readPermissions(arguments, request);
    return request;
}

CommandRequest readLocalShell(CallArguments &arguments)
{
    CommandRequest request;
    readCommand(arguments, request);
    request.workdir = arguments.string("working_directory").value_or(QString());
    request.timeout = duration(arguments, "timeout_ms");
    for (const auto &[name, value] : arguments.value("env").members()) {
        if (!value.isString())
            arguments.refuse(u"env."_s + name, u"a string"_s, value);
        request.environment += name + u'=' + value.toString();
    }
    return request;
}

CommandRequest readAny(const ToolCall &call, CallArguments &arguments)
{
    if (call.kind == ToolCall::Kind::LocalShell)
        return readLocalShell(arguments);
    if (call.name == "shell"_L1 || call.name == "shell_command"_L1)
        return readShell(arguments);
    return readExecCommand(arguments);
}

} // namespace

Result<CommandRequest> readCommandRequest(const ToolCall &call)
{
    CallArguments arguments(call.arguments);
    CommandRequest request = readAny(call, arguments);
    if (arguments.problem())
        return fail(Error::Kind::Invalid, *arguments.problem());
    return request;
}

} // namespace nightshift::tools
