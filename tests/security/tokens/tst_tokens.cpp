#include "support/served.h"

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

static const QByteArray danger = R"("sandbox":"danger-full-access")";

/// What the holder of a token gets, whoever made what it asks about, whatever the settings say.
class tst_Tokens : public QObject
{
    Q_OBJECT

private slots:
    void aTokenGetsNoMoreThanItsSandbox_data();
    void aTokenGetsNoMoreThanItsSandbox();
    void settingsDoNotWidenAToken();
    void grantsWidenAToken();
    void aRequestSetsNothingThatIsNotOnTheList_data();
    void aRequestSetsNothingThatIsNotOnTheList();
    void forksAndTurnsStayInTheRootsOfWhoAsks();
    void aBatchStaysInTheSandboxOfItsToken();
    void whoLetsABatchGoOnMustBeAllowedToRunIt();
    void queriesAndPreferencesThatAreNotKnownAreRefused_data();
    void queriesAndPreferencesThatAreNotKnownAreRefused();
    void cleanupTestCase() { m_shared.reset(); }

private:
    /// Of tests whose rows change nothing.
    Served &shared();
    std::unique_ptr<Served> m_shared;
};

Served &tst_Tokens::shared()
{
    if (!m_shared)
        m_shared = std::make_unique<Served>();
    return *m_shared;
}

void tst_Tokens::aTokenGetsNoMoreThanItsSandbox_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path"); // S is a session in the sandbox workspace-write, D one without a sandbox
    QTest::addColumn<QByteArray>("body");
    const QByteArray own = R"({"cwd":"WORK",)";
    QTest::newRow("a session without a sandbox") << "POST"_ba << "/v1/sessions"_ba << own + danger + '}';
    QTest::newRow("a session with the network") << "POST"_ba << "/v1/sessions"_ba << own + R"("network_access":true})";
    QTest::newRow("a session that approves of itself")
        << "POST"_ba << "/v1/sessions"_ba << own + R"("approval":{"policy":"on-request","default":"allow"}})";
    QTest::newRow("a fork of one without a sandbox") << "POST"_ba << sessionPath("D", "/fork") << "{}"_ba;
    QTest::newRow("a fork without a sandbox") << "POST"_ba << sessionPath("S", "/fork") << '{' + danger + '}';
    QTest::newRow("a turn in a session without a sandbox")
        << "POST"_ba << sessionPath("D", "/turns") << R"({"input":"x"})"_ba;
    QTest::newRow("a turn that drops the sandbox")
        << "POST"_ba << sessionPath("S", "/turns") << R"({"input":"x",)" + danger + '}';
    QTest::newRow("a turn that opens the network")
        << "POST"_ba << sessionPath("S", "/turns") << R"({"input":"x","network_access":true})"_ba;
    QTest::newRow("a change that drops the sandbox") << "PATCH"_ba << sessionPath("S") << '{' + danger + '}';
    QTest::newRow("a change that allows itself")
        << "PATCH"_ba << sessionPath("S") << R"({"approval":{"policy":"on-request","default":"allow"}})"_ba;
    QTest::newRow("a batch without a sandbox")
        << "POST"_ba << "/v1/batches"_ba
        << R"({"prompt":"x","items":[{"key":"a"}],"session":{"cwd":"WORK",)" + danger + "}}";
    QTest::newRow("a script") << "POST"_ba << "/v1/batches"_ba << R"({"script":"export default () => 1"})"_ba;
}

void tst_Tokens::aTokenGetsNoMoreThanItsSandbox()
{
    QFETCH(const QByteArray, method);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    Served &service = shared();
    static const QByteArray work = service.program.work().toUtf8();
    static const QByteArray contained = service.create(R"("sandbox":"workspace-write","cwd":")" + work + '"');
    static const QByteArray free = service.create(danger + R"(,"cwd":")" + work + '"');
    static const QByteArray ci = service.addToken({u"read"_s, u"run"_s, u"approve"_s, u"--root"_s, u"."_s});
    path.replace("/S", '/' + contained).replace("/D", '/' + free);
    body.replace("WORK", work);
    const Reply refused = service.as(ci, method, path, body);
    QCOMPARE(refused.status, 403);
    QCOMPARE(refused.text("code"), "scope_missing");
    QCOMPARE(service.get(sessionPath(contained)).text("sandbox"), "workspace-write");
    QVERIFY(service.program.server.requests().empty());
}

void tst_Tokens::settingsDoNotWidenAToken()
{
    Served service(
        {u"-c"_s, u"sandbox_mode=\"danger-full-access\""_s, u"-c"_s, u"sandbox_workspace_write.network_access=true"_s});
    const QByteArray ci = service.addToken({u"read"_s, u"run"_s});
    const Reply made = service.as(ci, "POST", "/v1/sessions", R"({"input":"x"})", "Prefer: wait=60\r\n");
    QVERIFY2(made.status == 200 || made.status == 201, made.body);
    QCOMPARE(made.text("sandbox"), "workspace-write");
    QCOMPARE(made.json().root()["network_access"].toBool(true), false);
    QVERIFY(service.program.server.requests().back().body.contains("sandbox mode is `workspace-write`"));
    QCOMPARE(service.get(sessionPath(service.create({}))).text("sandbox"), "danger-full-access");
}

void tst_Tokens::grantsWidenAToken()
{
    Served service;
    const QByteArray free = service.addToken({u"run"_s, u"--sandbox"_s, u"danger-full-access"_s});
    const QByteArray online = service.addToken({u"run"_s, u"--network"_s});
    const QByteArray reader = service.addToken({u"run"_s, u"--sandbox=read-only"_s});
    QCOMPARE(service.as(free, "POST", "/v1/sessions", '{' + danger + '}').text("sandbox"), "danger-full-access");
    const QByteArray asksForNetwork = R"({"sandbox":"workspace-write","network_access":true})";
    QCOMPARE(service.as(online, "POST", "/v1/sessions", asksForNetwork).status, 201);
    QCOMPARE(service.as(free, "POST", "/v1/sessions", asksForNetwork).status, 403);
    QCOMPARE(service.as(reader, "POST", "/v1/sessions", R"({"sandbox":"workspace-write"})").status, 403);
    const QByteArray listed = service.program.run({u"serve"_s, u"token"_s, u"list"_s}).out;
    QVERIFY2(listed.contains("sandbox=danger-full-access  network=no") &&
                 listed.contains("sandbox=workspace-write  network=yes") &&
                 listed.contains("sandbox=read-only  network=no"),
             listed);
}

void tst_Tokens::aRequestSetsNothingThatIsNotOnTheList_data()
{
    QTest::addColumn<QByteArray>("body");
    for (const char *name : {"hooks", "mcp_servers", "writable_roots", "add_dirs", "config", "environment", "profile"})
        QTest::newRow(name) << QByteArray(R"({"input":"x","%":{}})").replace('%', name);
    QTest::newRow("what nobody knows") << R"({"input":"x","surprise":1})"_ba;
}

void tst_Tokens::aRequestSetsNothingThatIsNotOnTheList()
{
    QFETCH(const QByteArray, body);
    Served &service = shared();
    const QByteArray name = body.split('"')[5];
    const Reply refused = service.post("/v1/sessions", body); // not even for an admin
    QCOMPARE(refused.status, 422);
    QVERIFY2(refused.text("detail").contains('`' + name + '`'), refused.body);
    const QByteArray batch = R"({"prompt":"x","items":[{"key":"a","%":{}}]})"_ba.replace('%', name);
    QCOMPARE(service.post("/v1/batches", batch).status, 422);
}

void tst_Tokens::forksAndTurnsStayInTheRootsOfWhoAsks()
{
    Served service;
    service.program.write(u"inner/file"_s, "");
    service.program.write(u"other/file"_s, "");
    const QByteArray work = service.program.work().toUtf8();
    const QByteArray id = service.create(R"("sandbox":"workspace-write","cwd":")" + work + R"(/inner")");
    const QByteArray inner = service.addToken({u"run"_s, u"read"_s, u"--root"_s, u"inner"_s});
    const auto code = [&](const QByteArray &method, const QByteArray &rest, const QByteArray &body) {
        return service.as(inner, method, sessionPath(id, rest), body).text("code");
    };
    const QByteArray elsewhere = R"("cwd":")" + work + R"(/other"})";
    QCOMPARE(code("POST", "/fork", '{' + elsewhere), "root_not_allowed");
    QCOMPARE(code("POST", "/turns", R"({"input":"x",)" + elsewhere), "root_not_allowed");
    QCOMPARE(code("PATCH", {}, '{' + elsewhere), "root_not_allowed");
    const Reply fork = service.as(inner, "POST", sessionPath(id, "/fork"), "{}");
    QCOMPARE(fork.status, 201);
    QCOMPARE(fork.text("cwd"), work + "/inner");
    // A folder that became a link leads to what it is now.
    QVERIFY(QFile::remove(service.program.work() + u"/inner/file"_s) &&
            QDir().rmdir(service.program.work() + u"/inner"_s) &&
            QFile::link(service.program.work() + u"/other"_s, service.program.work() + u"/inner"_s));
    QCOMPARE(service.as(service.admin, "POST", sessionPath(id, "/turns"), R"({"input":"x"})").status, 202);
    QVERIFY(service.as(inner, "POST", sessionPath(id, "/turns"), R"({"input":"x"})").status >= 400);
}

void tst_Tokens::aBatchStaysInTheSandboxOfItsToken()
{
    Served service(
        {u"-c"_s, u"sandbox_mode=\"danger-full-access\""_s, u"-c"_s, u"sandbox_workspace_write.network_access=true"_s});
    service.token = service.addToken({u"run"_s, u"read"_s});
    const QByteArray outside = service.program.home().toUtf8() + "/escaped";
    const Reply done = awaited(service, made(service, order({"a"}, R"(,"check":["touch",")" + outside + R"("])")));
    QCOMPARE(counts(done), "failed 1");
    QVERIFY(!QFile::exists(QString::fromUtf8(outside)));
    const auto requests = service.program.server.requests();
    QVERIFY(requests.front().body.contains("sandbox mode is `workspace-write`"));
    QVERIFY(!requests.front().body.contains("network access enabled"));
}

void tst_Tokens::whoLetsABatchGoOnMustBeAllowedToRunIt()
{
    Served service({u"-c"_s, u"models.\"gpt-test\".price={input=1000, output=1000}"_s});
    const QByteArray more = R"(,"session":{"model":"gpt-test",)" + danger +
                            R"(},"limits":{"concurrency":1,"cost_usd":0.05},"on_limit":"pause")";
    const QByteArray batch = made(service, order({"a", "b"}, more));
    awaited(service, batch, "paused");
    const QByteArray ci = service.addToken({u"run"_s, u"read"_s});
    const QByteArray few = service.addToken({u"run"_s, u"read"_s, u"--concurrency"_s, u"2"_s});
    QCOMPARE(service.as(ci, "PATCH", batch, R"({"paused":false})").status, 403);
    QCOMPARE(service.as(ci, "PATCH", batch, R"({"cost_usd":5})").status, 403);
    QCOMPARE(service.as(ci, "POST", batch + "/resume", "{}").status, 403);
    QCOMPARE(service.as(few, "PATCH", batch, R"({"concurrency":50})").status, 422);
    QCOMPARE(service.as(service.admin, "PATCH", batch, R"({"cost_usd":5})").status, 200);
    QCOMPARE(counts(awaited(service, batch)), "succeeded 2");
}

void tst_Tokens::queriesAndPreferencesThatAreNotKnownAreRefused_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<int>("status");
    QTest::newRow("a slip") << "/v1/sessions?limt=1"_ba << ""_ba << 400;
    QTest::newRow("none is known") << "/v1/info?a=b"_ba << ""_ba << 400;
    QTest::newRow("a token in the query") << "/v1/sessions?token=x"_ba << ""_ba << 400;
    QTest::newRow("known ones") << "/v1/sessions?limit=1&label.a=b&status=idle"_ba << ""_ba << 200;
    QTest::newRow("another preference") << "/v1/sessions"_ba << "Prefer: respond-async\r\n"_ba << 400;
    QTest::newRow("a preference without sense") << "/v1/sessions"_ba << "Prefer: wait=soon\r\n"_ba << 400;
    QTest::newRow("the one that is known") << "/v1/sessions"_ba << "Prefer: wait=1\r\n"_ba << 200;
}

void tst_Tokens::queriesAndPreferencesThatAreNotKnownAreRefused()
{
    QFETCH(const QByteArray, path);
    QFETCH(const QByteArray, fields);
    Served &service = shared();
    const Reply reply = service.get(path, fields);
    QTEST(reply.status, "status");
    QCOMPARE(reply.text("code"), reply.status == 400 ? "invalid_parameter" : "");
}

QTEST_GUILESS_MAIN(tst_Tokens)
#include "tst_tokens.moc"
