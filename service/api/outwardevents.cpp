#include "outwardevents.h"
#include "wire/threaditems.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

constexpr qsizetype keptBytes = 256 * 1024; // of a running command's output, for those who come late

/// All writers of these objects begin with their type.
static QByteArray typeOf(const RawJson &object)
{
    constexpr QByteArrayView start = "{\"type\":\"";
    const qsizetype end = object.text.indexOf('"', start.size());
    return object.text.sliced(start.size(), end - start.size());
}

http::FeedEvent OutwardEvents::finished(const RawJson &object, const LoggedEvent *logged) const
{
    std::optional<qint64> seq;
    std::optional<QByteArray> time, previous;
    if (logged) {
        seq = logged->seq;
        time = logged->time;
        if (!logged->previous.isEmpty())
            previous = logged->previous;
    }
    const RawJson ending = json::object({{"seq", seq},
                                         {"time", time},
                                         {"session_id", m_sessionId},
                                         {"turn_id", m_turnId.isEmpty() ? json::null() : json::string(m_turnId)},
                                         {"prev", previous}});
    return {seq, typeOf(object), object.text.chopped(1) + ',' + ending.text.sliced(1)};
}

/// A fact as it is written, but for the turn, which every event names at its end.
static RawJson factObject(JsonView payload)
{
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, value] : payload.members()) {
        if (name != u"turn_id"_s)
            members.emplace_back(name, value.raw());
    }
    return json::object(members);
}

std::optional<http::FeedEvent> OutwardEvents::recorded(const LoggedEvent &logged)
{
    if (logged.isFact()) {
        followTurns(logged);
        const QString current = m_turnId;
        if (const JsonView turn = logged.members()["turn_id"]; turn.isString())
            m_turnId = turn.toString();
        const http::FeedEvent event = finished(factObject(logged.members()), &logged);
        m_turnId = current;
        return event;
    }
    if (!logged.event || isFleeting(*logged.event))
        return {};
    followTurns(logged);
    followItems(*logged.event);
    const auto object = m_encoder.encode(*logged.event);
    std::optional<http::FeedEvent> event;
    if (object)
        event = finished(*object, &logged);
    if (std::exchange(m_turnEnds, false))
        m_turnId = m_queued.empty() ? QString() : m_queued.front();
    return event;
}

void OutwardEvents::followTurns(const LoggedEvent &logged)
{
    if (logged.type() == "turn.queued") {
        const qint64 before =
            std::clamp<qint64>(logged.members()["position"].toInteger() - 1, 0, qint64(m_queued.size()));
        m_queued.insert(m_queued.begin() + before, logged.members()["turn_id"].toString());
        m_turnId = m_turnId.isEmpty() ? m_queued.front() : m_turnId;
    } else if (logged.type() == "turn.failed") { // it never began
        std::erase(m_queued, logged.members()["turn_id"].toString());
    } else if (const auto *started = logged.event ? std::get_if<TurnStarted>(&*logged.event) : nullptr) {
        m_turnId = started->turnId;
        std::erase(m_queued, m_turnId);
    } else if (logged.event) {
        m_turnEnds =
            std::holds_alternative<TurnCompleted>(*logged.event) || std::holds_alternative<TurnFailed>(*logged.event);
    }
}

void OutwardEvents::followItems(const Event &event)
{
    if (const auto *started = std::get_if<CommandStarted>(&event))
        m_running.insert_or_assign(started->call, Running{started->command, OutputWindow(keptBytes)});
    else if (const auto *finished = std::get_if<CommandFinished>(&event))
        m_running.erase(finished->call);
    else if (std::holds_alternative<MessageCompleted>(event) || std::holds_alternative<ReasoningCompleted>(event) ||
             std::holds_alternative<RetryScheduled>(event) || std::holds_alternative<ErrorReported>(event))
        m_text.clear();
    if (std::holds_alternative<TurnCompleted>(event) || std::holds_alternative<TurnFailed>(event)) {
        m_text.clear();
        m_running.clear();
    }
}

std::optional<http::FeedEvent> OutwardEvents::fleeting(const Event &event)
{
    if (const auto *message = std::get_if<MessageDelta>(&event)) {
        m_text += message->text;
        m_textType = "agent_message";
    } else if (const auto *reasoning = std::get_if<ReasoningDelta>(&event)) {
        m_text += reasoning->text;
        m_textType = "reasoning";
    } else if (const auto *output = std::get_if<CommandOutput>(&event)) {
        if (const auto running = m_running.find(output->call); running != m_running.end())
            running->second.output.feed(output->chunk);
    }
    const auto object = m_encoder.encode(event);
    return object ? std::optional(finished(*object, nullptr)) : std::nullopt;
}

std::vector<http::FeedEvent> OutwardEvents::snapshots() const
{
    std::vector<http::FeedEvent> events;
    const auto add = [&](const RawJson &item) {
        events.push_back(finished(json::object({{"type", "item.snapshot"}, {"item", item}}), nullptr));
    };
    for (const auto &[call, running] : m_running) {
        if (const auto id = m_encoder.itemIdOf(call))
            add(wire::commandItem(*id, running.command, QString::fromUtf8(running.output.text()), {}, "in_progress"));
    }
    if (!m_text.isEmpty())
        add(wire::textItem(m_encoder.textItemId(), m_textType, m_text));
    return events;
}

} // namespace nightshift::api
