#include "eventmessage.h"
#include "base/shellwords.h"
#include "wire/approvalobjects.h"
#include "wire/limitobjects.h"

using namespace Qt::StringLiterals;
using std::chrono::milliseconds;

namespace nightshift::wire {

namespace {

std::optional<RawJson> whenTrue(bool value)
{
    return value ? std::optional(json::boolean(true)) : std::nullopt;
}

std::optional<QString> unlessEmpty(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

std::optional<qint64> unlessZero(qint64 value)
{
    return value ? std::optional(value) : std::nullopt;
}

RawJson spliced(const RawJson &value)
{
    return value.text.isEmpty() ? json::null() : compact(value);
}

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

const char *statusName(PlanStep::Status status)
{
    switch (status) {
    case PlanStep::Status::Pending:
        return "pending";
    case PlanStep::Status::InProgress:
        return "in_progress";
    case PlanStep::Status::Completed:
        return "completed";
    }
    Q_UNREACHABLE_RETURN("");
}

RawJson planArray(const std::vector<PlanStep> &steps)
{
    std::vector<RawJson> written;
    for (const PlanStep &step : steps)
        written.push_back(json::object({{"step", step.text}, {"status", statusName(step.status)}}));
    return json::array(written);
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

/// A command that was stopped has no exit code; this protocol insists on a number. `stopped` tells the two apart.
constexpr int noExitCode = -1;

RawJson commandEnd(const CommandFinished &e)
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

/// In the protocol's words, where it has any: the whole of ours stands in `approval`.
RawJson approvalRequest(const Approval &approval)
{
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

RawJson patchEnd(const PatchFinished &e)
{
    return json::object({{"type", "patch_apply_end"},
                         {"call_id", e.call},
                         {"stdout", e.success ? e.output : QString()},
                         {"stderr", e.success ? QString() : e.output},
                         {"success", e.success},
                         {"changes", changesObject(e.changes)},
                         {"status", e.success ? "completed" : "failed"}});
}

RawJson turnComplete(const TurnCompleted &e, const MessageContext &context)
{
    return json::object({{"type", "task_complete"},
                         {"turn_id", unlessEmpty(context.turnId)},
                         {"last_agent_message", json::orNull(e.lastMessage)},
                         {"started_at", unlessZero(context.startedAt)},
                         {"completed_at", unlessZero(context.now)},
                         {"duration_ms", qint64(e.duration.count())},
                         {"usage", usageObject(e.usage)},
                         {"refusal", whenTrue(e.refusal)}});
}

/// The reference drops a line whose reason it does not know, and knows none for a failure: what really
/// happened stands in `code`.
RawJson turnAborted(const TurnFailed &e, const MessageContext &context)
{
    return json::object({{"type", "turn_aborted"},
                         {"turn_id", unlessEmpty(context.turnId)},
                         {"reason", "interrupted"},
                         {"started_at", unlessZero(context.startedAt)},
                         {"completed_at", unlessZero(context.now)},
                         {"duration_ms", qint64(e.duration.count())},
                         {"code", QString(codeName(e.error.code))},
                         {"message", e.error.message}});
}

RawJson userMessage(const UserSaid &e)
{
    return json::object({{"type", "user_message"},
                         {"message", e.input.text},
                         {"images", json::array(QStringList())},
                         {"local_images", json::array(e.input.images)},
                         {"text_elements", json::array(QStringList())}});
}

RawJson tokenCount(const UsageReported &e)
{
    return json::object({{"type", "token_count"},
                         {"info", json::object({{"total_token_usage", usageObject(e.total)},
                                                {"last_token_usage", usageObject(e.last)},
                                                {"model_context_window", json::orNull(unlessZero(e.contextWindow))}})},
                         {"rate_limits", nullptr}});
}

RawJson textMessage(const char *type, const char *member, const QString &text)
{
    return json::object({{"type", type}, {member, text}});
}

} // namespace

RawJson usageObject(const Usage &usage)
{
    return json::object({{"input_tokens", usage.inputTokens},
                         {"cached_input_tokens", usage.cachedInputTokens},
                         {"cache_write_input_tokens", usage.cacheWriteInputTokens},
                         {"output_tokens", usage.outputTokens},
                         {"reasoning_output_tokens", usage.reasoningOutputTokens},
                         {"total_tokens", usage.totalTokens()},
                         {"cost_usd", usage.costUsd}});
}

RawJson sessionConfigured(const SessionStarted &e, const std::vector<RawJson> &earlier)
{
    return json::object({{"type", "session_configured"},
                         {"session_id", e.sessionId},
                         {"model", e.model},
                         {"model_provider_id", e.provider},
                         {"approval_policy", e.approval},
                         {"sandbox", e.sandbox},
                         {"cwd", e.cwd},
                         {"reasoning_effort", e.reasoningEffort},
                         {"reasoning_summary", e.reasoningSummary},
                         {"history_log_id", 0},
                         {"history_entry_count", 0},
                         {"initial_messages", earlier.empty() ? std::nullopt : std::optional(json::array(earlier))},
                         {"rollout_path", e.rolloutPath}});
}

RawJson actionsArray(const std::vector<CommandAction> &actions)
{
    std::vector<RawJson> written;
    for (const CommandAction &action : actions)
        written.push_back(actionObject(action));
    return json::array(written);
}

RawJson toMessage(const Event &event, const MessageContext &context)
{
    return std::visit(
        Overloaded{
            [](const SessionStarted &e) { return sessionConfigured(e, {}); },
            [](const Notice &e) { return textMessage("warning", "message", e.message); },
            [](const QuestionAnswered &e) { return spliced(e.message); },
            [&context](const TurnStarted &e) {
                return json::object({{"type", "task_started"},
                                     {"turn_id", e.turnId},
                                     {"started_at", unlessZero(context.startedAt)},
                                     {"model_context_window", json::orNull(unlessZero(e.contextWindow))},
                                     {"collaboration_mode_kind", "default"}});
            },
            [](const UserSaid &e) { return userMessage(e); },
            [](const MessageDelta &e) { return textMessage("agent_message_delta", "delta", e.text); },
            [](const MessageCompleted &e) {
                return json::object({{"type", "agent_message"}, {"message", e.text}, {"refusal", whenTrue(e.refusal)}});
            },
            [](const ReasoningDelta &e) { return textMessage("agent_reasoning_delta", "delta", e.text); },
            [](const RawReasoningDelta &e) {
                return textMessage("agent_reasoning_raw_content_delta", "delta", e.text);
            },
            [](const ReasoningPartBegan &) { return json::object({{"type", "agent_reasoning_section_break"}}); },
            [](const ReasoningCompleted &e) {
                return json::object(
                    {{"type", "agent_reasoning"}, {"text", e.summary}, {"raw_content", unlessEmpty(e.raw)}});
            },
            [](const CommandStarted &e) {
                return json::object({{"type", "exec_command_begin"},
                                     {"call_id", e.call},
                                     {"command", json::array(e.command.argv)},
                                     {"cwd", e.command.cwd},
                                     {"parsed_cmd", parsedCommand(e.command)}});
            },
            [](const CommandOutput &e) {
                return json::object({{"type", "exec_command_output_delta"},
                                     {"call_id", e.call},
                                     {"stream", "stdout"},
                                     {"chunk", e.chunk.toBase64()}});
            },
            [](const CommandFinished &e) { return commandEnd(e); },
            [](const PatchStarted &e) {
                return json::object({{"type", "patch_apply_begin"},
                                     {"call_id", e.call},
                                     {"auto_approved", true},
                                     {"changes", changesObject(e.changes)}});
            },
            [](const PatchFinished &e) { return patchEnd(e); },
            [](const DiffChanged &e) { return textMessage("turn_diff", "unified_diff", e.unifiedDiff); },
            [](const ReviewStarted &e) {
                return json::object(
                    {{"type", "entered_review_mode"}, {"prompt", e.prompt}, {"user_facing_hint", e.hint}});
            },
            [](const ReviewFinished &e) {
                return json::object(
                    {{"type", "exited_review_mode"}, {"review_output", e.output ? spliced(*e.output) : json::null()}});
            },
            [](const PlanChanged &e) {
                return json::object({{"type", "plan_update"},
                                     {"explanation", json::orNull(unlessEmpty(e.explanation))},
                                     {"plan", planArray(e.steps)}});
            },
            [](const PlanClosed &e) { return json::object({{"type", "plan_closed"}, {"plan", planArray(e.steps)}}); },
            [](const McpCallStarted &e) {
                return json::object({{"type", "mcp_tool_call_begin"},
                                     {"call_id", e.call},
                                     {"invocation", invocationObject(e.invocation)}});
            },
            [](const McpCallFinished &e) {
                return json::object({{"type", "mcp_tool_call_end"},
                                     {"call_id", e.call},
                                     {"invocation", invocationObject(e.invocation)},
                                     {"duration", duration(e.duration)},
                                     {"result", mcpOutcome(e)},
                                     {"failed", whenTrue(e.failed)}});
            },
            [](const SearchStarted &e) { return textMessage("web_search_begin", "call_id", e.call); },
            [](const SearchFinished &e) {
                return json::object({{"type", "web_search_end"},
                                     {"call_id", e.call},
                                     {"query", e.query},
                                     {"action", spliced(e.action)}});
            },
            [](const ContextCompacted &e) {
                return json::object({{"type", "context_compacted"},
                                     {"tokens_before", e.tokensBefore},
                                     {"tokens_after", e.tokensAfter}});
            },
            [](const ApprovalRequested &e) { return approvalRequest(e.approval); },
            [](const ApprovalResolved &e) { return resolutionObject("approval_resolved", e); },
            [](const HookDecided &e) { return hookObject("hook_decided", e); },
            [](const UsageReported &e) { return tokenCount(e); },
            [](const RetryScheduled &e) { return textMessage("stream_error", "message", e.message); },
            [](const LimitWarning &e) { return limitObject("limit_warning", e.use); },
            [](const LimitReached &e) { return limitObject("limit_reached", e.use, e.message); },
            [](const WaitStarted &e) { return waitObject("wait_started", e); },
            [](const WaitEnded &e) { return waitObject("wait_ended", e); },
            [](const ErrorReported &e) { return textMessage("error", "message", e.message); },
            [&context](const TurnCompleted &e) { return turnComplete(e, context); },
            [&context](const TurnFailed &e) { return turnAborted(e, context); },
        },
        event);
}

} // namespace nightshift::wire
