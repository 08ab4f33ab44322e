#include "support/served.h"
#include <QFile>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// A bundle tells what was said and done. What may be done here is said here, by somebody who may have it.
class tst_BroughtSessions : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void aBundleBringsNoFolderNoSandboxAndNoWork();
    void aTurnAndAForkNameTheFolder();
    void aTokenPlacesItWhereItMayWork();
    void othersDoNotSeeWhatATokenBrought();
    void theCommandLineUsesItsOwnFolderAndSettings();
    void theLastSessionOfAFolderIsNoneThatABundleClaims();

private:
    QByteArray m_id;
    QByteArray m_bundle;
};

/// Of a session without a sandbox that approves of itself, with a turn that runs and one that waits.
void tst_BroughtSessions::initTestCase()
{
    Service here({u"-c"_s, u"sandbox_workspace_write.network_access=true"_s});
    here.start();
    here.program.server.play({sse::message("m1", "First answer"), sse::completed()});
    here.program.server.otherwise = stalling();
    m_id = here.create(R"("cwd":")" + here.program.work().toUtf8() + R"(","sandbox":"danger-full-access",
        "on_restart":"resume","approval":{"policy":"on-request","default":"allow"},"input":"one")");
    QVERIFY(here.becomes(m_id, "idle"));
    QCOMPARE(here.post(sessionPath(m_id, "/turns"), R"({"input":"two"})").status, 202);
    QCOMPARE(here.post(sessionPath(m_id, "/turns"), R"({"input":"three"})").status, 202);
    QTRY_COMPARE(here.program.server.requests().size(), 2u);
    m_bundle = here.get(sessionPath(m_id, "/bundle")).body;
    QVERIFY(!m_bundle.isEmpty());
}

static Reply import(Service &service, const QByteArray &bundle)
{
    return service.post("/v1/sessions/import", bundle, {}, "application/gzip");
}

void tst_BroughtSessions::aBundleBringsNoFolderNoSandboxAndNoWork()
{
    Service there;
    there.program.server.otherwise = saying("Done.");
    there.start();
    const Reply imported = import(there, m_bundle);
    QCOMPARE(imported.status, 201);
    QCOMPARE(there.send("PATCH", sessionPath(m_id), R"({"title":"mine"})").status, 200); // hosts it
    const JsonDocument session = there.get(sessionPath(m_id)).json();
    const JsonView root = session.root();
    QCOMPARE(root["status"].utf8(), "idle");
    QCOMPARE(root["cwd"].utf8(), "");
    QCOMPARE(root["sandbox"].utf8(), "");
    QVERIFY(!root["network_access"].exists());
    QVERIFY(!root["on_restart"].exists());
    QCOMPARE(root["approval"]["default"].utf8(), "deny");
    QCOMPARE(root["approval"]["policy"].utf8(), "never");
    QCOMPARE(there.stop().exitCode, 0);
    there.start(); // with nothing to go on with
    QCOMPARE(there.get(sessionPath(m_id)).text("status"), "idle");
    QCOMPARE(there.get(sessionPath(m_id)).text("title"), "mine");
    QVERIFY(there.program.server.requests().empty());
}

void tst_BroughtSessions::aTurnAndAForkNameTheFolder()
{
    Service there;
    there.program.server.otherwise = saying("Done.");
    there.start();
    QCOMPARE(import(there, m_bundle).status, 201);
    for (const QByteArray &reply : {there.post(sessionPath(m_id, "/turns"), R"({"input":"x"})").body,
                                    there.post(sessionPath(m_id, "/fork"), "{}").body})
        QVERIFY2(reply.contains(R"("pointer":"/cwd")"), reply);
    const QByteArray cwd = R"("cwd":")" + there.program.work().toUtf8() + '"';
    const Reply fork = there.post(sessionPath(m_id, "/fork"), '{' + cwd + '}');
    QCOMPARE(fork.text("sandbox"), "read-only");
    QCOMPARE(fork.text("cwd"), there.program.work().toUtf8());
    const Reply turn =
        there.post(sessionPath(m_id, "/turns"), R"({"input":"Go on",)" + cwd + '}', "Prefer: wait=60\r\n");
    QCOMPARE(turn.text("outcome"), "completed");
    QVERIFY(there.program.server.requests().back().body.contains("sandbox mode is `read-only`"));
    QVERIFY(there.program.server.requests().back().input().contains("First answer"));
    QCOMPARE(there.get(sessionPath(m_id)).text("sandbox"), "read-only");
    QCOMPARE(there.post(sessionPath(m_id, "/turns"), R"({"input":"x"})", "Prefer: wait=60\r\n").text("outcome"),
             "completed"); // it has a folder now
}

void tst_BroughtSessions::aTokenPlacesItWhereItMayWork()
{
    Service there({u"--listen"_s, u"127.0.0.1:0"_s});
    there.program.server.otherwise = saying("Done.");
    there.program.write(u"inner/file"_s, "");
    there.start();
    there.token = there.addToken({u"run"_s, u"read"_s, u"--root"_s, u"inner"_s});
    QCOMPARE(import(there, m_bundle).status, 201);
    QCOMPARE(there.get(sessionPath(m_id)).text("cwd"), "");
    const auto asked = [&](const QByteArray &members) {
        return there.post(sessionPath(m_id, "/turns"), R"({"input":"x")" + members + '}', "Prefer: wait=60\r\n");
    };
    const QByteArray work = there.program.work().toUtf8(), inner = R"(,"cwd":")" + work + R"(/inner")";
    QCOMPARE(asked(R"(,"cwd":")" + work + '"').text("code"), "root_not_allowed");
    QCOMPARE(asked(inner + R"(,"sandbox":"danger-full-access")").text("code"), "scope_missing");
    QVERIFY(there.program.server.requests().empty());
    QCOMPARE(asked(inner).text("outcome"), "completed");
    QCOMPARE(there.get(sessionPath(m_id)).text("cwd"), work + "/inner");
}

void tst_BroughtSessions::othersDoNotSeeWhatATokenBrought()
{
    Service there({u"--listen"_s, u"127.0.0.1:0"_s});
    there.program.write(u"inner/file"_s, "");
    there.program.write(u"other/file"_s, "");
    there.start();
    const QByteArray other = there.addToken({u"run"_s, u"read"_s, u"--root"_s, u"other"_s});
    const QByteArray everywhere = there.token;
    there.token = there.addToken({u"run"_s, u"read"_s, u"--root"_s, u"inner"_s});
    QCOMPARE(import(there, m_bundle).status, 201);
    QCOMPARE(import(there, m_bundle).status, 200);
    there.token = other;
    QCOMPARE(there.get(sessionPath(m_id)).status, 404);
    QCOMPARE(there.post(sessionPath(m_id, "/fork"), "{}").status, 404);
    QCOMPARE(import(there, m_bundle).text("code"), "session_exists");
    there.token = everywhere;
    QCOMPARE(there.get(sessionPath(m_id)).status, 200);
}

/// `exec resume` after `sessions import`; what it said to the model.
static QByteArray resumed(Program &program, const QByteArray &bundle, const QStringList &words)
{
    QFile file(program.work() + u"/bundle.tar.gz"_s);
    if (file.open(QIODevice::WriteOnly))
        file.write(bundle);
    file.close();
    program.run({u"sessions"_s, u"import"_s, file.fileName()});
    program.server.otherwise = saying("Done.");
    program.exec(words);
    return program.server.requests().empty() ? QByteArray() : program.server.requests().back().body;
}

void tst_BroughtSessions::theCommandLineUsesItsOwnFolderAndSettings()
{
    Program program;
    const QByteArray asked = resumed(program, m_bundle, {u"resume"_s, QString::fromUtf8(m_id), u"Go on"_s});
    const QByteArray context = asked.sliced(std::max<qsizetype>(0, asked.lastIndexOf("permissions instructions")));
    QVERIFY(asked.contains("First answer"));
    QVERIFY2(asked.contains("sandbox mode is `read-only`"), asked);
    QVERIFY2(asked.contains("<cwd>" + program.work().toUtf8() + "</cwd>"), asked);
    QVERIFY2(!context.contains("danger-full-access"), context);
}

void tst_BroughtSessions::theLastSessionOfAFolderIsNoneThatABundleClaims()
{
    Service here; // the session of another working in this very folder
    here.start();
    here.program.server.otherwise = saying("First answer");
    const QByteArray id = here.create(R"("cwd":")" + here.program.work().toUtf8() + R"(","input":"one")");
    QVERIFY(here.becomes(id, "idle"));
    const QByteArray bundle = here.get(sessionPath(id, "/bundle")).body;
    QCOMPARE(here.send("DELETE", sessionPath(id)).status, 204);
    QCOMPARE(here.stop().exitCode, 0);
    const qsizetype before = qsizetype(here.program.server.requests().size());
    resumed(here.program, bundle, {u"resume"_s, u"--last"_s, u"Go on"_s});
    for (auto request = here.program.server.requests().begin() + before;
         request != here.program.server.requests().end(); ++request)
        QVERIFY2(!request->body.contains("First answer"), request->body);
}

QTEST_GUILESS_MAIN(tst_BroughtSessions)
#include "tst_broughtsessions.moc"
