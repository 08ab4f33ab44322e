#include "awaitedturn.h"
#include "api/objects.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

AwaitedTurn::AwaitedTurn(SessionLog &log, QString turnId, std::chrono::milliseconds wait)
    : LaterReply(wait)
    , m_log(log, this, [this] { onGrew(); })
    , m_turnId(std::move(turnId))
{}

http::Response AwaitedTurn::soFar() const
{
    if (!m_log)
        return http::problemResponse({http::ProblemCode::SessionDeleted, u"the session was deleted meanwhile"_s}, {});
    return http::jsonResponse(200, turnObject(m_log->view(), *m_log->view().turn(m_turnId)));
}

void AwaitedTurn::onGrew()
{
    if (!m_log || m_log->view().turn(m_turnId)->status == TurnView::Status::Done)
        emit finished(soFar());
}

} // namespace nightshift::api
