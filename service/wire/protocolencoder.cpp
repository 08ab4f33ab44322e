#include "protocolencoder.h"
#include "wire/eventmessage.h"

namespace nightshift::wire {

RawJson ProtocolEncoder::summaryLine(const Summary &summary)
{
    return json::object({{"workdir", summary.workdir},
                         {"model", summary.model},
                         {"provider", summary.provider},
                         {"approval", summary.approval},
                         {"sandbox", summary.sandbox},
                         {"reasoning effort", summary.reasoningEffort},
                         {"reasoning summaries", summary.reasoningSummaries}});
}

RawJson ProtocolEncoder::promptLine(const QString &prompt)
{
    return json::object({{"prompt", prompt}});
}

std::optional<RawJson> ProtocolEncoder::encode(const Event &event)
{
    if (std::holds_alternative<MessageDelta>(event) || std::holds_alternative<ReasoningDelta>(event) ||
        std::holds_alternative<PlanClosed>(event)) // a fact of ours, repeated by the last plan_update
        return {};
    if (std::holds_alternative<TurnStarted>(event))
        ++m_submission;
    return line(toMessage(event));
}

RawJson ProtocolEncoder::shutdownLine() const
{
    return line(json::object({{"type", "shutdown_complete"}}));
}

RawJson ProtocolEncoder::line(RawJson message) const
{
    return json::object({{"id", QString::number(m_submission)}, {"msg", std::move(message)}});
}

} // namespace nightshift::wire
