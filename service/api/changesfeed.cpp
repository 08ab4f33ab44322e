#include "changesfeed.h"
#include "api/batchobjects.h"
#include "api/objects.h"

namespace nightshift::api {

constexpr qsizetype maxWaitingBytes = 256 * 1024; // for a client that does not read; then it starts anew
constexpr qsizetype pageBytes = 32 * 1024;        // sent as one piece, for nothing could say where one was cut

ChangesFeed::ChangesFeed(Sessions &sessions, Batches &batches, http::Token caller)
    : m_sessions(sessions)
    , m_batches(batches)
    , m_caller(std::move(caller))
{
    connect(&sessions, &Sessions::recorded, this, &ChangesFeed::onRecorded);
    connect(&batches, &Batches::recorded, this, [this](const QString &id, const http::FeedEvent &event) {
        if (m_caller.roots.isEmpty() || m_batches.log(id, m_caller))
            add({{}, event.type, event.data});
    });
    connect(&sessions, &Sessions::removed, this, &ChangesFeed::onRemoved);
}

void ChangesFeed::onRecorded(const QString &sessionId, const http::FeedEvent &event)
{
    if (m_caller.roots.isEmpty() || m_sessions.log(sessionId, m_caller))
        add({{}, event.type, event.data});
}

void ChangesFeed::onRemoved(const QString &sessionId)
{
    const auto log = m_sessions.log(sessionId, m_caller);
    if (!m_caller.roots.isEmpty() && !log && log.error().code != http::ProblemCode::SessionDeleted)
        return; // it was none of the caller's
    add({{}, "session.deleted", json::object({{"type", "session.deleted"}, {"session_id", sessionId}}).text});
}

void ChangesFeed::add(const http::FeedEvent &event)
{
    m_waiting.push_back(event);
    m_waitingBytes += event.data.size();
    if (m_waitingBytes > maxWaitingBytes) {
        m_waiting.clear();
        m_waitingBytes = 0;
        m_needsSnapshot = true;
    }
    emit grew();
}

http::FeedEvent ChangesFeed::snapshot() const
{
    std::vector<RawJson> objects;
    for (HostedSession *session : m_sessions.hosted()) {
        if (m_sessions.log(session->id(), m_caller))
            objects.push_back(sessionObject(session->view()));
    }
    std::vector<RawJson> batches;
    for (BatchLog *log : m_batches.running()) {
        if (m_batches.log(log->id(), m_caller))
            batches.push_back(batchObject(*log));
    }
    return {{},
            "snapshot",
            json::object({{"type", "snapshot"}, {"sessions", json::array(objects)}, {"batches", json::array(batches)}})
                .text};
}

http::FeedPage ChangesFeed::next(qint64 after, qsizetype atMost)
{
    http::FeedPage page{.upTo = after};
    if (std::exchange(m_needsSnapshot, false)) {
        page.events.push_back(snapshot());
        return page;
    }
    for (qsizetype bytes = 0; !m_waiting.empty() && bytes < pageBytes && qsizetype(page.events.size()) < atMost;) {
        bytes += m_waiting.front().data.size();
        m_waitingBytes -= m_waiting.front().data.size();
        page.events.push_back(std::move(m_waiting.front()));
        m_waiting.pop_front();
    }
    return page;
}

} // namespace nightshift::api
