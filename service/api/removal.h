#pragma once
#include "api/sessions.h"
#include "http/route.h"

namespace nightshift::api {

/// Deletes a session, once what it does is cancelled and dead.
class Removal : public http::LaterReply
{
    Q_OBJECT

public:
    Removal(Sessions &sessions, HostedSession &session);
    http::Response soFar() const override;

private:
    void onSettled();

    Sessions &m_sessions;
    QString m_id;
};

} // namespace nightshift::api
