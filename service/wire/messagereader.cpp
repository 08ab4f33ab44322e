#include "eventmessage.h"
#include "wire/approvalobjects.h"
#include "wire/itemreader.h"
#include "wire/limitobjects.h"
#include <algorithm>

using namespace Qt::StringLiterals;
using std::chrono::milliseconds;

namespace nightshift::wire {

namespace {

QStringList strings(JsonView array)
{
    QStringList texts;
    for (const JsonView item : array.items())
        texts += item.toString();
    return texts;
}

/// The value's text; empty where it is absent or null.
RawJson spliced(JsonView value)
{
    return value.exists() && !value.isNull() ? value.raw() : RawJson();
}

std::optional<QString> maybeString(JsonView value)
{
    return value.isString() ? std::optional(value.toString()) : std::nullopt;
}

milliseconds duration(JsonView value)
{
    return milliseconds(value["secs"].toInteger() * 1000 + value["nanos"].toInteger() / 1'000'000);
}

std::optional<double> maybeNumber(JsonView value)
{
    return value.isNumber() ? std::optional(value.toDouble()) : std::nullopt;
}

Usage usage(JsonView value)
{
    return {.inputTokens = value["input_tokens"].toInteger(),
            .cachedInputTokens = value["cached_input_tokens"].toInteger(),
            .cacheWriteInputTokens = value["cache_write_input_tokens"].toInteger(),
            .outputTokens = value["output_tokens"].toInteger(),
            .reasoningOutputTokens = value["reasoning_output_tokens"].toInteger(),
            .costUsd = maybeNumber(value["cost_usd"])};
}

/// Absent where all of it is unknown: that is written for every command nobody looked at.
std::optional<std::vector<CommandAction>> actionsIn(JsonView array)
{
    using Kind = CommandAction::Kind;
    static const std::pair<QLatin1StringView, Kind> kinds[] = {
        {"read"_L1, Kind::Read}, {"list_files"_L1, Kind::ListFiles}, {"search"_L1, Kind::Search}};
    const auto text = [](JsonView value) { return value.isString() ? std::optional(value.toString()) : std::nullopt; };
    std::vector<CommandAction> actions;
    bool known = array.isArray() && array.size() == 0;
    for (const JsonView value : array.items()) {
        CommandAction action{.command = value["cmd"].toString(),
                             .name = value["name"].toString(),
                             .path = text(value["path"]),
                             .query = text(value["query"])};
        for (const auto &[name, kind] : kinds) {
            if (value["type"].toString() == name)
                action.kind = kind;
        }
        known = known || action.kind != Kind::Unknown;
        actions.push_back(std::move(action));
    }
    return known ? std::optional(std::move(actions)) : std::nullopt;
}

CommandLine commandLine(JsonView message)
{
    return {.argv = strings(message["command"]),
            .cwd = message["cwd"].toString(),
            .actions = actionsIn(message["parsed_cmd"])};
}

/// Also in the reference's later shape: {"type":"add","content":…} for {"add":{"content":…}}.
FileChange fileChange(const QString &path, JsonView value)
{
    const QString type = value["type"].toString();
    const auto body = [&](const char *kind) { return type == QLatin1StringView(kind) ? value : value[kind]; };
    if (const JsonView add = body("add"); add.exists())
        return {.path = path, .kind = FileChange::Kind::Add, .content = add["content"].toString()};
    if (const JsonView gone = body("delete"); gone.exists())
        return {.path = path, .kind = FileChange::Kind::Delete, .content = gone["content"].toString()};
    const JsonView update = body("update");
    return {.path = path,
            .kind = FileChange::Kind::Update,
            .unifiedDiff = update["unified_diff"].toString(),
            .movedTo = maybeString(update["move_path"])};
}

std::vector<FileChange> fileChanges(JsonView object)
{
    std::vector<FileChange> changes;
    for (const auto &[path, value] : object.members())
        changes.push_back(fileChange(path, value));
    // The reference writes them in any order.
    std::ranges::sort(changes, {}, &FileChange::path);
    return changes;
}

std::vector<PlanStep> planSteps(JsonView array)
{
    std::vector<PlanStep> steps;
    for (const JsonView item : array.items()) {
        const QByteArrayView status = item["status"].utf8();
        steps.push_back({.text = item["step"].toString(),
                         .status = status == "completed"     ? PlanStep::Status::Completed
                                   : status == "in_progress" ? PlanStep::Status::InProgress
                                                             : PlanStep::Status::Pending});
    }
    return steps;
}

McpCall mcpCall(JsonView invocation)
{
    return {.server = invocation["server"].toString(),
            .tool = invocation["tool"].toString(),
            .arguments = spliced(invocation["arguments"])};
}

Event sessionStarted(JsonView m)
{
    return SessionStarted{.sessionId = m["session_id"].toString(),
                          .model = m["model"].toString(),
                          .provider = m["model_provider_id"].toString(),
                          .cwd = m["cwd"].toString(),
                          .rolloutPath = m["rollout_path"].toString(),
                          .reasoningEffort = maybeString(m["reasoning_effort"]),
                          .reasoningSummary = maybeString(m["reasoning_summary"]),
                          .approval = m["approval_policy"].toString(),
                          .sandbox = m["sandbox"].toString()};
}

Event commandFinished(JsonView m)
{
    const JsonView code = m["exit_code"]; // the protocol has no word for none, see toMessage()
    const bool stopped = m["stopped"].toBool() || !code.isInteger();
    return CommandFinished{.call = m["call_id"].toString(),
                           .command = commandLine(m),
                           .output = m["aggregated_output"].toString(),
                           .exitCode = stopped ? std::nullopt : std::optional(int(code.toInteger())),
                           .duration = duration(m["duration"])};
}

Event questionAnswered(JsonView message)
{
    return QuestionAnswered{message.raw()};
}

Event patchFinished(JsonView m)
{
    const bool success = m["success"].toBool();
    return PatchFinished{.call = m["call_id"].toString(),
                         .changes = fileChanges(m["changes"]),
                         .success = success,
                         .output = m[success ? "stdout" : "stderr"].toString()};
}

Event reviewFinished(JsonView m)
{
    const JsonView output = m["review_output"];
    return ReviewFinished{output.isObject() ? std::optional(output.raw()) : std::nullopt};
}

Event mcpFinished(JsonView m)
{
    const JsonView ok = m["result"]["Ok"];
    const std::optional<QString> error = maybeString(m["result"]["Err"]);
    return McpCallFinished{.call = m["call_id"].toString(),
                           .invocation = mcpCall(m["invocation"]),
                           .result = ok.exists() ? std::optional(ok.raw()) : std::nullopt,
                           .error = error,
                           .failed = m["failed"].toBool(error || ok["isError"].toBool()),
                           .duration = duration(m["duration"])};
}

Event usageReported(JsonView m)
{
    const JsonView info = m["info"];
    return UsageReported{.last = usage(info["last_token_usage"]),
                         .total = usage(info["total_token_usage"]),
                         .contextWindow = info["model_context_window"].toInteger()};
}

Event turnCompleted(JsonView m)
{
    return TurnCompleted{.usage = usage(m["usage"]),
                         .lastMessage = maybeString(m["last_agent_message"]),
                         .refusal = m["refusal"].toBool(),
                         .duration = milliseconds(m["duration_ms"].toInteger())};
}

Event turnFailed(JsonView m)
{
    const JsonView code = m["code"]; // absent in the reference's own logs
    return TurnFailed{.error = {.code = code.exists() ? codeFromName(code.toString()) : FailureCode::Interrupted,
                                .message = m["message"].toString(u"the turn was interrupted"_s)},
                      .duration = milliseconds(m["duration_ms"].toInteger())};
}

/// Another program's request has nothing of ours.
Event approvalRequested(JsonView m)
{
    ApprovalRequested requested{approvalFrom(m["approval"])};
    Approval &approval = requested.approval;
    approval.call = m["call_id"].toString();
    if (approval.id.isEmpty())
        approval.id = approval.call;
    approval.changes = fileChanges(m["changes"]);
    if (m["command"].isArray())
        approval.command = commandLine(m);
    if (approval.reason.isEmpty())
        approval.reason = m["reason"].toString();
    return requested;
}

struct Reader
{
    QByteArrayView type;
    Event (*read)(JsonView message);
};

constexpr Reader readers[] = {
    {"session_configured", sessionStarted},
    {"warning", [](JsonView m) -> Event { return Notice{m["message"].toString()}; }},
    {"task_started",
     [](JsonView m) -> Event { return TurnStarted{m["turn_id"].toString(), m["model_context_window"].toInteger()}; }},
    {"user_message",
     [](JsonView m) -> Event { return UserSaid{{m["message"].toString(), strings(m["local_images"])}}; }},
    {"agent_message_delta", [](JsonView m) -> Event { return MessageDelta{m["delta"].toString()}; }},
    {"agent_message",
     [](JsonView m) -> Event { return MessageCompleted{m["message"].toString(), m["refusal"].toBool()}; }},
    {"agent_reasoning_delta", [](JsonView m) -> Event { return ReasoningDelta{m["delta"].toString()}; }},
    {"agent_reasoning_raw_content_delta", [](JsonView m) -> Event { return RawReasoningDelta{m["delta"].toString()}; }},
    {"agent_reasoning_section_break", [](JsonView) -> Event { return ReasoningPartBegan{}; }},
    {"agent_reasoning",
     [](JsonView m) -> Event { return ReasoningCompleted{m["text"].toString(), m["raw_content"].toString()}; }},
    {"get_history_entry_response", questionAnswered},
    {"mcp_list_tools_response", questionAnswered},
    {"list_custom_prompts_response", questionAnswered},
    {"conversation_path", questionAnswered},
    {"exec_command_begin", [](JsonView m) -> Event { return CommandStarted{m["call_id"].toString(), commandLine(m)}; }},
    {"exec_command_output_delta",
     [](JsonView m) -> Event {
         return CommandOutput{m["call_id"].toString(), QByteArray::fromBase64(m["chunk"].utf8().toByteArray())};
     }},
    {"exec_command_end", commandFinished},
    {"patch_apply_begin",
     [](JsonView m) -> Event { return PatchStarted{m["call_id"].toString(), fileChanges(m["changes"])}; }},
    {"patch_apply_end", patchFinished},
    {"turn_diff", [](JsonView m) -> Event { return DiffChanged{m["unified_diff"].toString()}; }},
    {"entered_review_mode",
     [](JsonView m) -> Event { return ReviewStarted{m["prompt"].toString(), m["user_facing_hint"].toString()}; }},
    {"exited_review_mode", reviewFinished},
    {"plan_update", [](JsonView m) -> Event { return PlanChanged{m["explanation"].toString(), planSteps(m["plan"])}; }},
    {"plan_closed", [](JsonView m) -> Event { return PlanClosed{planSteps(m["plan"])}; }},
    {"mcp_tool_call_begin",
     [](JsonView m) -> Event { return McpCallStarted{m["call_id"].toString(), mcpCall(m["invocation"])}; }},
    {"mcp_tool_call_end", mcpFinished},
    {"web_search_begin", [](JsonView m) -> Event { return SearchStarted{m["call_id"].toString()}; }},
    {"web_search_end",
     [](JsonView m) -> Event {
         return SearchFinished{m["call_id"].toString(), m["query"].toString(), spliced(m["action"])};
     }},
    {"context_compacted",
     [](JsonView m) -> Event {
         return ContextCompacted{m["tokens_before"].toInteger(), m["tokens_after"].toInteger()};
     }},
    {"exec_approval_request", approvalRequested},
    {"apply_patch_approval_request", approvalRequested},
    {"approval_requested", approvalRequested},
    {"approval_resolved", [](JsonView m) -> Event { return resolutionFrom(m); }},
    {"hook_decided", [](JsonView m) -> Event { return hookFrom(m); }},
    {"token_count", usageReported},
    {"stream_error", [](JsonView m) -> Event { return RetryScheduled{m["message"].toString()}; }},
    {"limit_warning", [](JsonView m) -> Event { return LimitWarning{limitFrom(m)}; }},
    {"limit_reached", [](JsonView m) -> Event { return LimitReached{limitFrom(m), m["message"].toString()}; }},
    {"wait_started", [](JsonView m) -> Event { return waitStartedFrom(m); }},
    {"wait_ended", [](JsonView m) -> Event { return waitEndedFrom(m); }},
    {"error", [](JsonView m) -> Event { return ErrorReported{m["message"].toString()}; }},
    {"task_complete", turnCompleted},
    {"turn_aborted", turnFailed},
};

} // namespace

std::optional<Event> fromMessage(JsonView message)
{
    const QByteArrayView type = message["type"].utf8();
    if (type == "item_completed")
        return fromItem(message["item"]);
    for (const Reader &reader : readers) {
        if (reader.type == type)
            return reader.read(message);
    }
    return {};
}

} // namespace nightshift::wire
