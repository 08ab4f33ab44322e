#pragma once
#include "api/batches.h"
#include "http/feedsource.h"
#include <deque>

namespace nightshift::api {

/// The durable events of all sessions and batches that a caller may see, for one client. It has no cursor: it begins
/// with a snapshot of the sessions that have work, and so does it again for a client that fell too far behind.
class ChangesFeed : public http::FeedSource
{
    Q_OBJECT

public:
    ChangesFeed(Sessions &sessions, Batches &batches, http::Token caller);

    qint64 lastSeq() const override { return 0; }
    http::FeedPage next(qint64 after, qsizetype atMost) override;

private:
    void onRecorded(const QString &sessionId, const http::FeedEvent &event);
    void onRemoved(const QString &sessionId);
    void add(const http::FeedEvent &event);
    http::FeedEvent snapshot() const;

    Sessions &m_sessions;
    Batches &m_batches;
    http::Token m_caller;
    std::deque<http::FeedEvent> m_waiting;
    qsizetype m_waitingBytes = 0;
    bool m_needsSnapshot = true;
};

} // namespace nightshift::api
