#include "eventmessage.h"
#include "wire/approvalobjects.h"
#include "wire/limitobjects.h"
#include "wire/optionalmembers.h"
#include "wire/workmessages.h"

using namespace Qt::StringLiterals;

namespace nightshift::wire {

namespace {

std::optional<qint64> unlessZero(qint64 value)
{
    return value ? std::optional(value) : std::nullopt;
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
            [](const CommandStarted &e) { return workMessage(e); },
            [](const CommandOutput &e) { return workMessage(e); },
            [](const CommandFinished &e) { return workMessage(e); },
            [](const PatchStarted &e) { return workMessage(e); },
            [](const PatchFinished &e) { return workMessage(e); },
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
            [](const McpCallStarted &e) { return workMessage(e); },
            [](const McpCallFinished &e) { return workMessage(e); },
            [](const SearchStarted &e) { return workMessage(e); },
            [](const SearchFinished &e) { return workMessage(e); },
            [](const ContextCompacted &e) {
                return json::object({{"type", "context_compacted"},
                                     {"tokens_before", e.tokensBefore},
                                     {"tokens_after", e.tokensAfter}});
            },
            [](const ApprovalRequested &e) { return workMessage(e); },
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
