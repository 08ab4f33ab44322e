#pragma once
#include "support/service.h"
#include <QTest>

namespace nightshift::test {

/// A session whose first turn waits for an approval; `terms` are members of its `approval`.
inline QByteArray asking(Service &service, const QByteArray &terms = R"("wait_s":600)")
{
    service.program.server.play({sse::call("c1", "exec_command",
                                           R"({"cmd":"touch made","sandbox_permissions":"require_escalated",)"
                                           R"("justification":"it is needed"})"),
                                 sse::completed()});
    service.program.server.play({sse::message("m1", "So be it."), sse::completed()});
    return service.create(R"("cwd":")" + service.program.work().toUtf8() +
                          R"(","input":"Go","approval":{"policy":"on-request",)" + terms + "}");
}

inline QByteArray pendingId(Service &service)
{
    QByteArray id;
    [&] {
        QTRY_VERIFY_WITH_TIMEOUT(
            !(id = service.get("/v1/approvals").json().root()["data"][qsizetype(0)]["id"].utf8().toByteArray())
                 .isEmpty(),
            30'000);
    }();
    return id;
}

} // namespace nightshift::test
