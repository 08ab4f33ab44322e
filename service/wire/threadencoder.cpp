#include "threadencoder.h"
#include "base/jsonreader.h"
#include "wire/approvalobjects.h"
#include "wire/limitobjects.h"
#include "wire/threaditems.h"

using namespace Qt::StringLiterals;

namespace nightshift::wire {

namespace {

RawJson itemLine(const char *type, RawJson item)
{
    return json::object({{"type", type}, {"item", std::move(item)}});
}

RawJson errorItem(const QString &id, const QString &message)
{
    return json::object({{"id", id}, {"type", "error"}, {"message", message}});
}

RawJson compactionItem(const QString &id, const ContextCompacted &compacted)
{
    return json::object({{"id", id},
                         {"type", "context_compaction"},
                         {"tokens_before", compacted.tokensBefore},
                         {"tokens_after", compacted.tokensAfter}});
}

const char *kindName(FileChange::Kind kind)
{
    switch (kind) {
    case FileChange::Kind::Add:
        return "add";
    case FileChange::Kind::Delete:
        return "delete";
    case FileChange::Kind::Update:
        return "update";
    }
    Q_UNREACHABLE_RETURN("");
}

RawJson fileChangeItem(const QString &id, const std::vector<FileChange> &changes, const char *status)
{
    std::vector<RawJson> written;
    for (const FileChange &change : changes)
        written.push_back(json::object({{"path", change.path}, {"kind", kindName(change.kind)}}));
    return json::object({{"id", id}, {"type", "file_change"}, {"changes", json::array(written)}, {"status", status}});
}

RawJson planItem(int number, const std::vector<PlanStep> &steps)
{
    std::vector<RawJson> written;
    for (const PlanStep &step : steps)
        written.push_back(
            json::object({{"text", step.text}, {"completed", step.status == PlanStep::Status::Completed}}));
    return json::object({{"id", itemId(number)}, {"type", "todo_list"}, {"items", json::array(written)}});
}

/// A server's result in this wire's words: `structuredContent` becomes `structured_content`, isError is
/// told by the item's status.
RawJson mcpResult(const RawJson &result)
{
    const auto read = JsonDocument::parse(result.text);
    const JsonView root = read ? read->root() : JsonView();
    const JsonView content = root["content"];
    const JsonView meta = root["_meta"];
    return json::object({{"content", content.isArray() ? content.raw() : json::array(std::vector<RawJson>())},
                         {"structured_content", root["structuredContent"].raw()},
                         {"_meta", meta.exists() ? std::optional(meta.raw()) : std::nullopt}});
}

RawJson mcpItem(const QString &id, const McpCall &invocation, const std::optional<RawJson> &result,
                const std::optional<QString> &error, const char *status)
{
    const RawJson &arguments = invocation.arguments;
    return json::object({{"id", id},
                         {"type", "mcp_tool_call"},
                         {"server", invocation.server},
                         {"tool", invocation.tool},
                         {"arguments", arguments.text.isEmpty() ? json::null() : compact(arguments)},
                         {"result", result ? mcpResult(*result) : json::null()},
                         {"error", error ? json::object({{"message", *error}}) : json::null()},
                         {"status", status}});
}

RawJson searchItem(const QString &id, const QString &query, const RawJson &action)
{
    return json::object({{"id", id},
                         {"type", "web_search"},
                         {"query", query},
                         {"action", action.text.isEmpty() ? json::object({{"type", "other"}}) : compact(action)}});
}

RawJson errorLine(const QString &message)
{
    return json::object({{"type", "error"}, {"message", message}});
}

RawJson turnCompleted(const TurnCompleted &turn, const std::optional<RawJson> &review)
{
    const Usage &usage = turn.usage;
    return json::object({{"type", "turn.completed"},
                         {"usage", json::object({{"input_tokens", usage.inputTokens},
                                                 {"cached_input_tokens", usage.cachedInputTokens},
                                                 {"cache_write_input_tokens", usage.cacheWriteInputTokens},
                                                 {"output_tokens", usage.outputTokens},
                                                 {"reasoning_output_tokens", usage.reasoningOutputTokens},
                                                 {"cost_usd", usage.costUsd}})},
                         {"refusal", turn.refusal ? std::optional(true) : std::nullopt},
                         {"review", review ? std::optional(compact(*review)) : std::nullopt}});
}

RawJson turnFailed(const TurnFailed &turn)
{
    return json::object(
        {{"type", "turn.failed"},
         {"error", json::object({{"message", turn.error.message}, {"code", QString(codeName(turn.error.code))}})}});
}

} // namespace

std::optional<RawJson> ThreadEncoder::encode(const Event &event)
{
    using Line = std::optional<RawJson>;
    return std::visit(
        Overloaded{
            [](const SessionStarted &e) -> Line {
                return json::object({{"type", "thread.started"}, {"thread_id", e.sessionId}});
            },
            [this](const Notice &e) -> Line {
                return itemLine("item.completed", errorItem(itemId(take()), e.message));
            },
            [](const TurnStarted &) -> Line { return json::object({{"type", "turn.started"}}); },
            [](const UserSaid &) -> Line { return {}; },
            [this](const MessageDelta &e) -> Line { return delta(e.text); },
            [this](const MessageCompleted &e) -> Line {
                return itemLine("item.completed", textItem(completeText(), "agent_message", e.text));
            },
            [this](const ReasoningDelta &e) -> Line { return delta(e.text); },
            [](const RawReasoningDelta &) -> Line { return {}; },
            [](const ReasoningPartBegan &) -> Line { return {}; },
            [this](const ReasoningCompleted &e) -> Line {
                if (!e.summary.isEmpty())
                    return itemLine("item.completed", textItem(completeText(), "reasoning", e.summary));
                release();
                return {};
            },
            [this](const CommandStarted &e) -> Line {
                return itemLine("item.started", commandItem(appear(e.call), e.command, {}, {}, "in_progress"));
            },
            [this](const CommandOutput &e) -> Line { return outputDelta(e); },
            [this](const CommandFinished &e) -> Line {
                const char *status = e.exitCode == 0 ? "completed" : "failed";
                return itemLine("item.completed",
                                commandItem(complete(e.call), e.command, e.output, e.exitCode, status));
            },
            [this](const PatchStarted &e) -> Line {
                return itemLine("item.started", fileChangeItem(appear(e.call), e.changes, "in_progress"));
            },
            [this](const PatchFinished &e) -> Line {
                const char *status = e.success ? "completed" : "failed";
                return itemLine("item.completed", fileChangeItem(complete(e.call), e.changes, status));
            },
            [](const QuestionAnswered &) -> Line { return {}; },
            [](const DiffChanged &) -> Line { return {}; },
            [](const ReviewStarted &) -> Line { return {}; },
            [this](const ReviewFinished &e) -> Line {
                m_review = e.output;
                return {};
            },
            [this](const PlanChanged &e) -> Line {
                const char *type = m_plan ? "item.updated" : "item.started";
                if (!m_plan)
                    m_plan = take();
                return itemLine(type, planItem(*m_plan, e.steps));
            },
            [this](const PlanClosed &e) -> Line { return completedPlan(e); },
            [this](const McpCallStarted &e) -> Line {
                return itemLine("item.started", mcpItem(appear(e.call), e.invocation, {}, {}, "in_progress"));
            },
            [this](const McpCallFinished &e) -> Line {
                const char *status = e.failed ? "failed" : "completed";
                return itemLine("item.completed", mcpItem(complete(e.call), e.invocation, e.result, e.error, status));
            },
            [this](const SearchStarted &e) -> Line {
                return itemLine("item.started", searchItem(appear(e.call), {}, {}));
            },
            [this](const SearchFinished &e) -> Line {
                return itemLine("item.completed", searchItem(complete(e.call), e.query, e.action));
            },
            [this](const ContextCompacted &e) -> Line {
                return itemLine("item.completed", compactionItem(itemId(take()), e));
            },
            [](const ApprovalRequested &e) -> Line {
                return json::object({{"type", "approval.requested"}, {"approval", approvalObject(e.approval)}});
            },
            [](const ApprovalResolved &e) -> Line { return resolutionObject("approval.resolved", e); },
            [](const HookDecided &e) -> Line { return hookObject("hook.decided", e); },
            [](const UsageReported &) -> Line { return {}; },
            [this](const RetryScheduled &e) -> Line {
                release();
                return errorLine(e.message);
            },
            [](const LimitWarning &e) -> Line { return limitObject("limit.warning", e.use); },
            [](const LimitReached &e) -> Line { return limitObject("limit.reached", e.use, e.message); },
            [this](const WaitStarted &e) -> Line { return unlessPlain(waitObject("wait.started", e)); },
            [this](const WaitEnded &e) -> Line { return unlessPlain(waitObject("wait.ended", e)); },
            [this](const ErrorReported &e) -> Line {
                release();
                return errorLine(e.message);
            },
            [this](const TurnCompleted &e) -> Line {
                const Line line = turnCompleted(e, m_review);
                endTurn();
                return line;
            },
            [this](const TurnFailed &e) -> Line {
                endTurn();
                return turnFailed(e);
            },
        },
        event);
}

/// Plain lines are the reference's where it has any for the same: of a wait it tells with `error`.
std::optional<RawJson> ThreadEncoder::unlessPlain(RawJson line) const
{
    return m_deltas == Deltas::No ? std::nullopt : std::optional(std::move(line));
}

std::optional<RawJson> ThreadEncoder::delta(const QString &text)
{
    if (m_deltas == Deltas::No)
        return {};
    if (!m_reserved && m_deltas == Deltas::Yes)
        m_reserved = take();
    return json::object({{"type", "item.delta"}, {"item_id", textItemId()}, {"delta", text}});
}

QString ThreadEncoder::textItemId() const
{
    return itemId(m_reserved ? *m_reserved : m_released.empty() ? m_next : m_released.back());
}

std::optional<QString> ThreadEncoder::itemIdOf(const CallId &call) const
{
    const auto item = m_calls.find(call);
    return item == m_calls.end() ? std::nullopt : std::optional(itemId(item->second.number));
}

std::optional<RawJson> ThreadEncoder::outputDelta(const CommandOutput &output)
{
    const auto item = m_calls.find(output.call);
    if (m_deltas == Deltas::No || item == m_calls.end())
        return {};
    const QString text = item->second.output(output.chunk);
    if (text.isEmpty())
        return {};
    return json::object({{"type", "output.delta"}, {"item_id", itemId(item->second.number)}, {"delta", text}});
}

std::optional<RawJson> ThreadEncoder::completedPlan(const PlanClosed &plan)
{
    const int number = m_plan ? *m_plan : take();
    m_plan.reset();
    return itemLine("item.completed", planItem(number, plan.steps));
}

QString ThreadEncoder::appear(const CallId &call)
{
    const int number = take();
    m_calls.insert_or_assign(call, OpenItem{number});
    return itemId(number);
}

/// The id of what has ended. What ended without having been shown as begun appears now.
QString ThreadEncoder::complete(const CallId &call)
{
    const auto item = m_calls.find(call);
    if (item == m_calls.end())
        return itemId(take());
    const int number = item->second.number;
    m_calls.erase(item);
    return itemId(number);
}

QString ThreadEncoder::completeText()
{
    const int number = m_reserved ? *m_reserved : take();
    m_reserved.reset();
    return itemId(number);
}

int ThreadEncoder::take()
{
    if (m_released.empty())
        return m_next++;
    const int number = m_released.back();
    m_released.pop_back();
    return number;
}

/// The text that deltas announced will not come, or not from this stream.
void ThreadEncoder::release()
{
    if (m_reserved)
        m_released.push_back(*m_reserved);
    m_reserved.reset();
}

void ThreadEncoder::endTurn()
{
    m_next = 0;
    m_released.clear();
    m_reserved.reset();
    m_plan.reset();
    m_review.reset();
    m_calls.clear();
}

} // namespace nightshift::wire
