#include "removal.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using namespace std::chrono_literals;

Removal::Removal(Sessions &sessions, HostedSession &session)
    : LaterReply(1min)
    , m_sessions(sessions)
    , m_id(session.id())
{
    connect(&session, &HostedSession::settled, this, &Removal::onSettled, Qt::QueuedConnection);
    if (session.isBusy())
        std::ignore =
            session.cancel({.queued = true, .why = {FailureCode::CancelledByUser, u"the session is deleted"_s}});
    session.close(u"deleted"_s);
}

void Removal::onSettled()
{
    if (m_sessions.hosted(m_id))
        return; // somebody else came for it
    const auto removed = m_sessions.remove(m_id);
    emit finished(removed ? http::Judged<http::Response>(http::Response{204}) : std::unexpected(removed.error()));
}

http::Response Removal::soFar() const
{
    return http::problemResponse({http::ProblemCode::Busy, u"the session still ends"_s}, {});
}

} // namespace nightshift::api
