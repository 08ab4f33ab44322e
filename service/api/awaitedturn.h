#pragma once
#include "api/followedlog.h"
#include "api/sessionlog.h"
#include "http/route.h"

namespace nightshift::api {

/// A turn that is waited for until it has ended, whoever runs it.
class AwaitedTurn : public http::LaterReply
{
    Q_OBJECT

public:
    AwaitedTurn(SessionLog &log, QString turnId, std::chrono::milliseconds wait);

    http::Response soFar() const override;

private:
    void onGrew();

    const FollowedLog<SessionLog> m_log;
    const QString m_turnId;
};

} // namespace nightshift::api
