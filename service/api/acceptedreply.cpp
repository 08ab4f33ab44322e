#include "acceptedreply.h"
#include "api/objects.h"
#include "http/door.h"
#include <QTimer>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using namespace std::chrono_literals;

/// Who waits for a turn's end is told nothing before; a turn that ends so soon needs no wait for the disk of its own at
/// its beginning.
constexpr auto soonEnded = 100ms;

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
    if (m_waits && wait >= 10 * soonEnded)
        QTimer::singleShot(soonEnded, this, &AcceptedReply::sync);
    else
        sync();
}

void AcceptedReply::sync()
{
    if (std::exchange(m_syncing, true))
        return;
    if (const auto log = m_sessions.log(m_sessionId, http::localUser()))
        m_sessions.sync(**log, this, [this](const Result<> &outcome) { onSynced(outcome); });
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
    if (!m_waits || sessionId != m_sessionId || turnId != m_accepted->turnId)
        return;
    if (m_synced || isEndOnDisk())
        emit finished(soFar());
    else
        sync(); // and see then
}

/// The end of a turn that ran is told once it is on the disk, and with it all of its log that came before.
bool AcceptedReply::isEndOnDisk() const
{
    const HostedSession *hosted = m_sessions.hosted(m_sessionId);
    const TurnView *turn = hosted ? hosted->view().turn(m_accepted->turnId) : nullptr;
    const bool ran = turn && turn->status == TurnView::Status::Done && !turn->startedAt.isEmpty();
    return ran && hosted->session() && !hosted->session()->failure();
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
        const RawJson whole = done ? turnObject(view, *turn) : turnReference(view, *turn);
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
