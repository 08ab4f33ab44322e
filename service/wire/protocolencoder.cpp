#include "protocolencoder.h"
#include "wire/approvalobjects.h"
#include "wire/eventmessage.h"

namespace nightshift::wire {

namespace {

RawJson summaryLine(const SessionStarted &session)
{
    return json::object({{"workdir", session.cwd},
                         {"model", session.model},
                         {"provider", session.provider},
                         {"approval", session.approval},
                         {"sandbox", session.sandbox},
                         {"reasoning effort", session.reasoningEffort},
                         {"reasoning summaries", session.reasoningSummary}});
}

RawJson textMessage(const char *type, const char *member, const QString &text)
{
    return json::object({{"type", type}, {member, text}});
}

bool isLimitOrWait(const Event &event)
{
    return std::holds_alternative<LimitWarning>(event) || std::holds_alternative<LimitReached>(event) ||
           std::holds_alternative<WaitStarted>(event) || std::holds_alternative<WaitEnded>(event);
}

/// Facts of ours for which the protocol has no word; a plan's end is repeated by the last plan_update.
bool hasNoWord(const Event &event)
{
    const auto *requested = std::get_if<ApprovalRequested>(&event);
    return isLimitOrWait(event) || std::holds_alternative<PlanClosed>(event) ||
           std::holds_alternative<ApprovalResolved>(event) ||
           (requested && requested->approval.kind == Approval::Kind::Tool);
}

} // namespace

std::vector<RawJson> ProtocolEncoder::encode(const Event &event)
{
    if (std::holds_alternative<TurnStarted>(event))
        ++m_submission;
    std::vector<RawJson> lines;
    if (const auto *session = std::get_if<SessionStarted>(&event))
        lines.push_back(summaryLine(*session));
    if (const auto *said = std::get_if<UserSaid>(&event); said && !m_introduced && !m_waiting.empty()) {
        m_introduced = true;
        lines = std::exchange(m_waiting, {});
        lines.insert(lines.begin() + 1, json::object({{"prompt", said->input.text}}));
    }
    for (RawJson &message : messages(event))
        lines.push_back(line(std::move(message)));
    if (m_introduced)
        return lines;
    m_waiting.insert(m_waiting.end(), lines.begin(), lines.end());
    return {};
}

std::vector<RawJson> ProtocolEncoder::finish()
{
    std::vector<RawJson> lines = std::exchange(m_waiting, {});
    lines.push_back(line(json::object({{"type", "shutdown_complete"}})));
    return lines;
}

std::vector<RawJson> ProtocolEncoder::messages(const Event &event) const
{
    if (std::holds_alternative<MessageDelta>(event) || std::holds_alternative<ReasoningDelta>(event) ||
        hasNoWord(event))
        return {};
    if (const auto *session = std::get_if<SessionStarted>(&event))
        return {sessionConfigured(*session, m_earlier)};
    // A later release's logs say `warning`; of this protocol's own words this is the one for what ends nothing.
    if (const auto *notice = std::get_if<Notice>(&event))
        return {textMessage("background_event", "message", notice->message)};
    if (const auto *decided = std::get_if<HookDecided>(&event))
        return {textMessage("background_event", "message", hookSentence(*decided))};
    if (const auto *thought = std::get_if<ReasoningCompleted>(&event)) {
        std::vector<RawJson> said;
        if (!thought->summary.isEmpty())
            said.push_back(textMessage("agent_reasoning", "text", thought->summary));
        if (!thought->raw.isEmpty())
            said.push_back(textMessage("agent_reasoning_raw_content", "text", thought->raw));
        return said;
    }
    return {toMessage(event)};
}

std::optional<RawJson> ProtocolEncoder::earlierMessage(const Event &event)
{
    if (std::holds_alternative<SessionStarted>(event) || isFleeting(event) || hasNoWord(event) ||
        std::holds_alternative<HookDecided>(event) || std::holds_alternative<QuestionAnswered>(event))
        return {};
    return toMessage(event);
}

RawJson ProtocolEncoder::line(RawJson message) const
{
    return json::object({{"id", QString::number(m_submission)}, {"msg", std::move(message)}});
}

} // namespace nightshift::wire
