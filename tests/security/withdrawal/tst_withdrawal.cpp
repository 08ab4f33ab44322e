#include "support/served.h"
#include <QTcpSocket>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// A token that is taken away, expires, or allows less: what was under way for its holder ends, and what waited does
/// not begin.
class tst_Withdrawal : public QObject
{
    Q_OBJECT

private slots:
    void aRevokedTokensStreamEnds_data();
    void aRevokedTokensStreamEnds();
    void anExpiredTokensStreamEnds();
    void aRevokedTokensWaitEnds();
    void aRequestThatArrivesAfterItsTokenWasRevokedIsRefused();
    void aQueuedTurnOfARevokedTokenDoesNotStart();
    void aQueuedTurnOfANarrowedTokenDoesNotStart();
    void aRestartDoesNotStartTurnsOfRevokedTokens();
    void aBatchOfARevokedTokenBeginsNoMoreItems();
    void aRestartDoesNotGoOnWithBatchesOfRevokedTokens();
    void aNarrowedTokenIsNotToldKeptAnswers();
};

void tst_Withdrawal::aRevokedTokensStreamEnds_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("accept");
    QTest::newRow("all changes") << "/v1/events"_ba << "text/event-stream"_ba;
    QTest::newRow("one session") << "/v1/sessions/ID/events"_ba << "text/event-stream"_ba;
    QTest::newRow("one session, as lines") << "/v1/sessions/ID/events"_ba << "application/jsonl"_ba;
}

void tst_Withdrawal::aRevokedTokensStreamEnds()
{
    QFETCH(QByteArray, path);
    QFETCH(const QByteArray, accept);
    Served service;
    const QByteArray id = service.create({});
    path.replace("ID", id);
    service.token = service.addToken({u"read"_s});
    const auto stream = service.open("GET", path, {}, "Accept: " + accept + "\r\n");
    QVERIFY(stream->shows(path == "/v1/events" ? "snapshot" : "session.created"));
    service.token = service.admin;
    service.revokeLastToken();
    QVERIFY(stream->shows(R"("reason":"token_revoked")"));
    QTRY_VERIFY(stream->isOver());
    // A token that was changed is judged anew: its stream ends so that its client comes again.
    service.token = service.addToken({u"read"_s});
    const auto other = service.open("GET", path, {}, "Accept: " + accept + "\r\n");
    QVERIFY(other->shows(path == "/v1/events" ? "snapshot" : "session.created"));
    service.token = service.admin;
    service.changeLastToken([](QJsonObject &token) { token["roots"_L1] = QJsonArray{u"/nowhere"_s}; });
    QTRY_VERIFY(other->isOver());
    QVERIFY(!other->body().contains("token_"));
}

void tst_Withdrawal::anExpiredTokensStreamEnds()
{
    Served service;
    service.token = service.addToken({u"read"_s, u"--expires"_s, u"2s"_s});
    const auto stream = service.stream("/v1/events");
    const bool isOpen = stream->shows("snapshot");
    service.token = service.admin;
    QTRY_VERIFY(stream->isOver());
    if (isOpen) // a machine that is slow enough came too late
        QVERIFY(stream->body().contains(R"("reason":"token_expired")"));
}

void tst_Withdrawal::aRevokedTokensWaitEnds()
{
    Served service;
    service.program.server.otherwise = stalling();
    const QByteArray id = service.create({});
    service.token = service.addToken({u"read"_s, u"run"_s});
    const auto events = service.open("GET", sessionPath(id, "/events?types=turn.done"), {}, "Prefer: wait=600\r\n");
    const auto turn = service.open("POST", "/v1/sessions", R"({"input":"x"})", "Prefer: wait=600\r\n");
    QTRY_VERIFY(!service.program.server.requests().empty());
    service.token = service.admin;
    service.revokeLastToken();
    QCOMPARE(events->reply().status, 401);
    QCOMPARE(turn->reply().status, 401);
}

void tst_Withdrawal::aRequestThatArrivesAfterItsTokenWasRevokedIsRefused()
{
    Served service;
    const QByteArray ci = service.addToken({u"run"_s});
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, service.port);
    QVERIFY(socket.waitForConnected());
    socket.write("POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n"
                 "Content-Type: application/json\r\nContent-Length: 2\r\nAuthorization: Bearer " +
                 ci + "\r\n\r\n");
    QTRY_VERIFY(socket.bytesAvailable() > 0); // it goes on: the head was judged
    service.revokeLastToken();
    socket.write("{}");
    QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
    const QByteArray answers = socket.readAll();
    QVERIFY2(answers.contains("HTTP/1.1 401 "), answers);
    QVERIFY(!service.get("/v1/sessions").body.contains("created_at"));
}

/// A session whose first turn stalls, and a second one that waits for `waiting`, a token's.
static QByteArray withQueuedTurn(Served &service, const QByteArray &waiting)
{
    service.program.server.otherwise = stalling();
    const QByteArray id = service.create(R"("sandbox":"workspace-write","input":"first")");
    [&] {
        QTRY_COMPARE(service.program.server.requests().size(), 1u);
        QCOMPARE(service.as(waiting, "POST", sessionPath(id, "/turns"), R"({"input":"second"})").status, 202);
    }();
    return id;
}

void tst_Withdrawal::aQueuedTurnOfARevokedTokenDoesNotStart()
{
    Served service;
    const QByteArray id = withQueuedTurn(service, service.addToken({u"run"_s}));
    service.revokeLastToken();
    Reply turn;
    QTRY_COMPARE((turn = service.get(sessionPath(id, "/turns/t_2"))).text("status"), "done");
    QCOMPARE(turn.text("reason"), "token_revoked");
    QCOMPARE(service.get(sessionPath(id, "/turns/t_1")).text("status"), "running");
    QCOMPARE(service.post(sessionPath(id, "/cancel"), "{}").status, 202);
    QVERIFY(service.becomes(id, "idle"));
    QCOMPARE(service.program.server.requests().size(), 1u);
}

void tst_Withdrawal::aQueuedTurnOfANarrowedTokenDoesNotStart()
{
    Served service;
    service.program.write(u"inner/file"_s, "");
    const QByteArray id = withQueuedTurn(service, service.addToken({u"run"_s}));
    const QString inner = service.program.work() + u"/inner"_s;
    service.changeLastToken([&](QJsonObject &token) { token["roots"_L1] = QJsonArray{inner}; });
    QCOMPARE(service.post(sessionPath(id, "/cancel"), "{}").status, 202);
    QVERIFY(service.becomes(id, "idle"));
    QCOMPARE(service.get(sessionPath(id, "/turns/t_2")).text("reason"), "token_narrowed");
    QCOMPARE(service.program.server.requests().size(), 1u);
}

void tst_Withdrawal::aRestartDoesNotStartTurnsOfRevokedTokens()
{
    Served service;
    const QByteArray id = withQueuedTurn(service, service.addToken({u"run"_s}));
    service.kill();
    service.revokeLastToken();
    service.program.server.otherwise = saying("Done.");
    service.start();
    QTRY_COMPARE(service.get(sessionPath(id, "/turns/t_2")).text("reason"), "token_revoked");
    QVERIFY(service.becomes(id, "idle"));
    QCOMPARE(service.program.server.requests().size(), 1u);
}

void tst_Withdrawal::aBatchOfARevokedTokenBeginsNoMoreItems()
{
    Served service;
    service.program.server.script = [](const ScriptedServer::Request &request) {
        return request.body.contains("a-word") && !request.body.contains("function_call_output")
                   ? ScriptedServer::Answer{.body =
                                                sse::stream({sse::created(),
                                                             sse::command("c1", "until [ -e go ]; do sleep 0.05; done"),
                                                             sse::completed(100, 0, 10, 0)})}
                   : saying("said");
    };
    service.token = service.addToken({u"run"_s, u"read"_s, u"--sandbox"_s, u"danger-full-access"_s});
    const QByteArray more = R"(,"session":{"sandbox":"danger-full-access"},"limits":{"concurrency":1})";
    const QByteArray batch = made(service, order({"a", "b"}, more));
    service.token = service.admin;
    QTRY_COMPARE_WITH_TIMEOUT(asked(service, "a"), 1, 60'000);
    service.changeLastToken([](QJsonObject &token) { token.remove("sandbox"_L1); });
    QTRY_VERIFY(service.get(batch + "/events").body.contains("token_narrowed"));
    service.program.write(u"go"_s, "");
    QCOMPARE(awaited(service, batch).text("reason"), "token_narrowed");
}

void tst_Withdrawal::aRestartDoesNotGoOnWithBatchesOfRevokedTokens()
{
    Served service;
    service.program.server.script = stallingAt("a");
    service.token = service.addToken({u"run"_s, u"read"_s});
    const QByteArray batch = made(service, order({"a", "b"}, R"(,"limits":{"concurrency":1})"));
    service.token = service.admin;
    QTRY_COMPARE_WITH_TIMEOUT(asked(service, "a"), 1, 60'000);
    service.kill();
    service.revokeLastToken();
    service.start();
    QCOMPARE(awaited(service, batch).text("reason"), "token_revoked");
    QCOMPARE(askedEach(service, {"a", "b"}), QList<qsizetype>({1, 0}));
}

void tst_Withdrawal::aNarrowedTokenIsNotToldKeptAnswers()
{
    Served service;
    service.program.write(u"inner/file"_s, "");
    const QByteArray ci = service.addToken({u"run"_s});
    const QByteArray key = "Idempotency-Key: one\r\n";
    QCOMPARE(service.as(ci, "POST", "/v1/sessions", "{}", key).status, 201);
    QCOMPARE(service.as(ci, "POST", "/v1/sessions", "{}", key).field("Idempotency-Replayed"), "true");
    const QString inner = service.program.work() + u"/inner"_s;
    service.changeLastToken([&](QJsonObject &token) { token["roots"_L1] = QJsonArray{inner}; });
    const Reply refused = service.as(ci, "POST", "/v1/sessions", "{}", key);
    QCOMPARE(refused.status, 422);
    QVERIFY(!refused.body.contains("created_at"));
}

QTEST_GUILESS_MAIN(tst_Withdrawal)
#include "tst_withdrawal.moc"
