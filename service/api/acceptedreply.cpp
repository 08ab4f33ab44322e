#include "acceptedreply.h"
#include "api/objects.h"
#include "http/door.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using namespace std::chrono_literals;

AcceptedReply::AcceptedReply(Sessions &sessions, QString sessionId, std::optional<HostedSession::Accepted> accepted,
                             Shows shows, const http::RequestHead &head)
    : LaterReply(http::preferredWait(head).value_or(10min)) // or as long as the disk takes
    , m_sessions(sessions)
    , m_sessionId(std::move(sessionId))
    , m_accepted(std::move(accepted))
    , m_shows(shows)
    , m_waits(m_accepted && http::preferredWait(head))
{
    connect(&sessions, &Sessions::turnEnded, this, &AcceptedReply::onTurnEnded);
    if (const auto log = sessions.log(m_sessionId, http::localUser()))
        sessions.sync(**log, this, [this](const Result<> &outcome) { onSynced(outcome); });
}

void AcceptedReply::onSynced(const Result<> &outcome)
{
    m_synced = true;
    if (!outcome) {
        http::Problem problem = problemOf(outcome.error());
        problem.sideEffects = http::Problem::SideEffects::Possible;
        emit finished(std::unexpected(problem));
    } else if (!m_waits || isDone()) {
        emit finished(soFar());
    }
}

void AcceptedReply::onTurnEnded(const QString &sessionId, const QString &turnId)
{
    if (m_waits && m_synced && sessionId == m_sessionId && turnId == m_accepted->turnId)
        emit finished(soFar());
}

bool AcceptedReply::isDone() const
{
    const HostedSession *session = m_sessions.hosted(m_sessionId);
    if (session && m_accepted && session->turnId() == m_accepted->turnId)
        return false; // its end may be told already, and not be on the disk
    const auto log = m_sessions.log(m_sessionId, http::localUser());
    const TurnView *turn = log && m_accepted ? (*log)->view().turn(m_accepted->turnId) : nullptr;
    return turn && turn->status == TurnView::Status::Done;
}

/// `object` with these members at its end.
static RawJson extended(const RawJson &object, const RawJson &members)
{
    return {object.text.chopped(1) + ',' + members.text.sliced(1)};
}

http::Response AcceptedReply::soFar() const
{
    const auto log = m_sessions.log(m_sessionId, http::localUser());
    if (!log)
        return http::problemResponse(log.error(), {});
    const SessionView &view = (*log)->view();
    const QByteArray self = "/v1/sessions/" + m_sessionId.toLatin1();
    const TurnView *turn = m_accepted ? view.turn(m_accepted->turnId) : nullptr;
    const bool done = turn && turn->status == TurnView::Status::Done && m_waits;
    http::Response response = http::jsonResponse(done ? 200 : 202, json::null());
    RawJson body = sessionObject(view);
    if (turn) {
        const RawJson about =
            json::object({{"accepted_as", m_accepted->as},
                          {"position", m_accepted->position},
                          {"after", m_accepted->after},
                          {"events", self + "/events?after=" + QByteArray::number(m_accepted->after)}});
        const RawJson whole = done ? turnObject(view, *turn) : turnReference(*turn);
        body = m_shows == Shows::Session ? extended(body, about)
               : done                    ? whole
                                         : extended(json::object({{"turn", whole}}), about);
    }
    if (m_shows == Shows::Session) {
        response.status = turn && !done ? 202 : 201;
        response.headers.add("Location", self);
    }
    response.body = body.text + '\n';
    return response;
}

} // namespace nightshift::api
