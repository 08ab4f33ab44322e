#pragma once
#include "api/sessions.h"
#include "http/route.h"

namespace nightshift::api {

/// The answer to work that was accepted: once it is on the disk, or, when the client prefers to wait, once its turn
/// has ended.
class AcceptedReply : public http::LaterReply
{
    Q_OBJECT

public:
    enum class Shows { Turn, Session }; ///< Session: it was made for this.
    AcceptedReply(Sessions &sessions, QString sessionId, std::optional<HostedSession::Accepted> accepted, Shows shows,
                  const http::RequestHead &head);

    http::Response soFar() const override;

private:
    void sync();
    void onSynced(const Result<> &outcome);
    void onTurnEnded(const QString &sessionId, const QString &turnId);
    bool isDone() const;
    bool isEndOnDisk() const;

    Sessions &m_sessions;
    QString m_sessionId;
    std::optional<HostedSession::Accepted> m_accepted;
    Shows m_shows;
    bool m_waits; ///< For the turn, too.
    bool m_syncing = false;
    bool m_synced = false;
};

} // namespace nightshift::api
