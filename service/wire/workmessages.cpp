#include "workmessages.h"
#include "base/shellwords.h"
#include "wire/approvalobjects.h"
#include "wire/eventmessage.h"
#include "wire/optionalmembers.h"

using namespace Qt::StringLiterals;
using std::chrono::milliseconds;

namespace nightshift::wire {

namespace {

RawJson duration(milliseconds time)
{
    return json::object({{"secs", qint64(time.count() / 1000)}, {"nanos", qint64(time.count() % 1000) * 1'000'000}});
}

/// The script that a shell was given, else the whole command.
QString readableCommand(const QStringList &argv)
{
    const bool script = argv.size() == 3 && (argv[1] == "-lc"_L1 || argv[1] == "-c"_L1);
    return script ? argv[2] : shellQuoted(argv);
}

RawJson actionObject(const CommandAction &action)
{
    switch (action.kind) {
    case CommandAction::Kind::Read:
        return json::object({{"type", "read"},
                             {"cmd", action.command},
                             {"name", action.name},
                             {"path", action.path.value_or(action.name)}});
    case CommandAction::Kind::ListFiles:
        return json::object({{"type", "list_files"}, {"cmd", action.command}, {"path", json::orNull(action.path)}});
    case CommandAction::Kind::Search:
        return json::object({{"type", "search"},
                             {"cmd", action.command},
                             {"query", json::orNull(action.query)},
                             {"path", json::orNull(action.path)}});
    case CommandAction::Kind::Unknown:
        break;
    }
    return json::object({{"type", "unknown"}, {"cmd", action.command}});
}

RawJson parsedCommand(const CommandLine &command)
{
    return actionsArray(
        command.actions.value_or(std::vector<CommandAction>{{.command = readableCommand(command.argv)}}));
}

RawJson changeObject(const FileChange &change)
{
    switch (change.kind) {
    case FileChange::Kind::Add:
        return json::object({{"add", json::object({{"content", change.content}})}});
    case FileChange::Kind::Delete:
        return json::object({{"delete", json::object({{"content", change.content}})}});
    case FileChange::Kind::Update:
        break;
    }
    return json::object({{"update", json::object({{"unified_diff", change.unifiedDiff},
                                                  {"move_path", json::orNull(change.movedTo)}})}});
}

RawJson changesObject(const std::vector<FileChange> &changes)
{
    std::vector<std::pair<QString, RawJson>> written;
    for (const FileChange &change : changes)
        written.emplace_back(change.path, changeObject(change));
    return json::object(written);
}

RawJson invocationObject(const McpCall &call)
{
    return json::object({{"server", call.server}, {"tool", call.tool}, {"arguments", spliced(call.arguments)}});
}

RawJson mcpOutcome(const McpCallFinished &call)
{
    if (call.error)
        return json::object({{"Err", *call.error}});
    return call.result ? json::object({{"Ok", spliced(*call.result)}}) : json::null();
}

} // namespace

RawJson actionsArray(const std::vector<CommandAction> &actions)
{
    std::vector<RawJson> written;
    for (const CommandAction &action : actions)
        written.push_back(actionObject(action));
    return json::array(written);
}

RawJson workMessage(const CommandStarted &e)
{
    return json::object({{"type", "exec_command_begin"},
                         {"call_id", e.call},
                         {"command", json::array(e.command.argv)},
                         {"cwd", e.command.cwd},
                         {"parsed_cmd", parsedCommand(e.command)}});
}

RawJson workMessage(const CommandOutput &e)
{
    return json::object({{"type", "exec_command_output_delta"},
                         {"call_id", e.call},
                         {"stream", "stdout"},
                         {"chunk", e.chunk.toBase64()}});
}

/// A command that was stopped has no exit code; this protocol insists on a number. `stopped` tells the two apart.
static constexpr int noExitCode = -1;

RawJson workMessage(const CommandFinished &e)
{
    return json::object({{"type", "exec_command_end"},
                         {"call_id", e.call},
                         {"command", json::array(e.command.argv)},
                         {"cwd", e.command.cwd},
                         {"parsed_cmd", parsedCommand(e.command)},
                         {"stdout", ""}, // both streams arrive as one
                         {"stderr", ""},
                         {"aggregated_output", e.output},
                         {"exit_code", e.exitCode.value_or(noExitCode)},
                         {"duration", duration(e.duration)},
                         {"formatted_output", ""},
                         {"status", e.exitCode == 0 ? "completed" : "failed"},
                         {"stopped", whenTrue(!e.exitCode)}});
}

RawJson workMessage(const PatchStarted &e)
{
    return json::object({{"type", "patch_apply_begin"},
                         {"call_id", e.call},
                         {"auto_approved", true},
                         {"changes", changesObject(e.changes)}});
}

RawJson workMessage(const PatchFinished &e)
{
    return json::object({{"type", "patch_apply_end"},
                         {"call_id", e.call},
                         {"stdout", e.success ? e.output : QString()},
                         {"stderr", e.success ? QString() : e.output},
                         {"success", e.success},
                         {"changes", changesObject(e.changes)},
                         {"status", e.success ? "completed" : "failed"}});
}

RawJson workMessage(const McpCallStarted &e)
{
    return json::object(
        {{"type", "mcp_tool_call_begin"}, {"call_id", e.call}, {"invocation", invocationObject(e.invocation)}});
}

RawJson workMessage(const McpCallFinished &e)
{
    return json::object({{"type", "mcp_tool_call_end"},
                         {"call_id", e.call},
                         {"invocation", invocationObject(e.invocation)},
                         {"duration", duration(e.duration)},
                         {"result", mcpOutcome(e)},
                         {"failed", whenTrue(e.failed)}});
}

RawJson workMessage(const SearchStarted &e)
{
    return json::object({{"type", "web_search_begin"}, {"call_id", e.call}});
}

RawJson workMessage(const SearchFinished &e)
{
    return json::object(
        {{"type", "web_search_end"}, {"call_id", e.call}, {"query", e.query}, {"action", spliced(e.action)}});
}

/// In the protocol's words, where it has any: the whole of ours stands in `approval`.
RawJson workMessage(const ApprovalRequested &e)
{
    const Approval &approval = e.approval;
    const RawJson whole = approvalObject(approval);
    switch (approval.kind) {
    case Approval::Kind::Command:
    case Approval::Kind::Sandbox:
        return json::object({{"type", "exec_approval_request"},
                             {"call_id", approval.call},
                             {"command", json::array(approval.command ? approval.command->argv : QStringList())},
                             {"cwd", approval.command ? approval.command->cwd : QString()},
                             {"reason", unlessEmpty(approval.reason)},
                             {"approval", whole}});
    case Approval::Kind::Patch:
        return json::object({{"type", "apply_patch_approval_request"},
                             {"call_id", approval.call},
                             {"changes", changesObject(approval.changes)},
                             {"reason", unlessEmpty(approval.reason)},
                             {"approval", whole}});
    case Approval::Kind::Tool:
        break;
    }
    return json::object({{"type", "approval_requested"}, {"call_id", approval.call}, {"approval", whole}});
}

} // namespace nightshift::wire
