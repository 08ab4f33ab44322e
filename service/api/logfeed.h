#pragma once
#include "api/followedlog.h"
#include "api/sessionlog.h"

namespace nightshift::api {

/// How far a client wants to follow a session.
struct Until
{
    enum class What { Closed, Idle, Turn };
    What what = What::Closed;
    QString turn; ///< An id.
    bool operator==(const Until &) const = default;
};

/// `until=closed|idle|turn:ID`; the turn may be given as `last` or `t_N`.
http::Judged<Until> readUntil(const std::optional<QByteArray> &text, const SessionView &session);

/// The events of one session for one client: a cursor on its log.
class LogFeed : public http::FeedSource
{
    Q_OBJECT

public:
    LogFeed(SessionLog &log, Until until);

    qint64 lastSeq() const override { return m_log.lastSeq(); }
    http::FeedPage next(qint64 after, qsizetype atMost) override;
    std::vector<http::FeedEvent> snapshots() const override;

private:
    /// Reads events from further back than the log keeps them.
    struct Past
    {
        LogReader reader;
        OutwardEvents outward;
        qint64 readFrom = 0;   ///< Where `last` begins.
        http::FeedPage last{}; ///< Was given out, and may have been taken in part only.
    };

    http::FeedPage readPast(qint64 after, qsizetype atMost);
    std::optional<qint64> endSeq() const;
    void cut(http::FeedPage &page, qint64 after) const;

    const FollowedLog<SessionLog> m_log;
    Until m_until;
    std::optional<Past> m_past;
};

} // namespace nightshift::api
