#include "support/askingsession.h"
#include "support/badhooks.h"
#include "support/service.h"
#include <QFileInfo>
#include <QSet>
#include <QStandardPaths>
#include <QTest>
#include <algorithm>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Approvals over HTTP, from a client's side.
class tst_ServeApprovals : public QObject
{
    Q_OBJECT

private slots:
    void runsWhatWasAllowed();
    void doesNotRunWhatWasDenied();
    void runsWhatTheApproverWroteInstead();
    void takesTheFirstDecisionOnly();
    void refusesADecisionThatComesTooLate();
    void refusesWhatIsNoDecision_data();
    void refusesWhatIsNoDecision();
    void deniesAtOnceWhereNobodyShallBeWaitedFor();
    void goesOnFromTheApprovalAfterAKill();
    void endsAtOnceWhereOnlyAnApproverWasWaitedFor();
    void endsWhatWaitsWhereARestartShallInterruptIt();
    void hasItsServersAgainAfterAKill();
    void listsWhatWasDecided();
    void asksTheServersHooks_data();
    void asksTheServersHooks();
    void measuresAllOfIt();
};

static QByteArrayList ids(Service &service, const QByteArray &query)
{
    QByteArrayList all;
    for (const JsonDocument page = service.get("/v1/approvals" + query).json();
         const JsonView each : page.root()["data"].items())
        all += each["id"].utf8().toByteArray();
    return all;
}

static bool isAskedAgainAfterAKill(Service &service, const QByteArray &id)
{
    service.kill();
    service.start();
    return pendingId(service) == id;
}

static bool isMade(const Service &service)
{
    return QFileInfo::exists(service.program.work() + u"/made"_s);
}

static QByteArray approval(const QByteArray &id)
{
    return "/v1/approvals/" + id;
}

void tst_ServeApprovals::runsWhatWasAllowed()
{
    Service service;
    service.start();
    const QByteArray session = asking(service);
    const QByteArray id = pendingId(service);
    const auto waiting = service.get("/v1/sessions/" + session).json();
    QCOMPARE(waiting.root()["status"].toString(), u"waiting"_s);
    QCOMPARE(waiting.root()["waiting_for"].toString(), u"approval"_s);
    QCOMPARE(waiting.root()["turn"]["status"].toString(), u"waiting"_s);
    QCOMPARE(waiting.root()["pending_approvals"].toInteger(), 1);
    const auto shown = service.get(approval(id)).json();
    QCOMPARE(shown.root()["kind"].toString(), u"sandbox"_s);
    QCOMPARE(shown.root()["reason"].toString(), u"it is needed"_s);
    QCOMPARE(shown.root()["session"].utf8().toByteArray(), session);
    QCOMPARE(shown.root()["status"].toString(), u"pending"_s);
    QVERIFY(!isMade(service));

    const Reply decided = service.post(approval(id), R"({"decision":"allow"})");
    QCOMPARE(decided.status, 200);
    QCOMPARE(decided.text("status"), "allow");
    QVERIFY(service.becomes(session, "idle"));
    QVERIFY(isMade(service));
    QCOMPARE(service.get("/v1/approvals").json().root()["data"].size(), 0);
}

void tst_ServeApprovals::doesNotRunWhatWasDenied()
{
    Service service;
    service.start();
    const QByteArray session = asking(service);
    const Reply decided = service.post(approval(pendingId(service)), R"({"decision":"deny","message":"not today"})");
    QCOMPARE(decided.text("status"), "deny");
    QVERIFY(service.becomes(session, "idle"));
    QVERIFY(!isMade(service));
    QVERIFY(service.program.server.requests().back().body.contains(": not today. It did not run: touch made"));
}

void tst_ServeApprovals::runsWhatTheApproverWroteInstead()
{
    Service service;
    service.start();
    const QByteArray session = asking(service);
    const Reply decided =
        service.post(approval(pendingId(service)), R"({"decision":"rewrite","command":"touch other"})");
    QCOMPARE(decided.text("rewritten_to"), "touch other");
    QVERIFY(service.becomes(session, "idle"));
    QVERIFY(!isMade(service) && QFileInfo::exists(service.program.work() + u"/other"_s));
}

void tst_ServeApprovals::takesTheFirstDecisionOnly()
{
    Service service;
    service.start();
    const QByteArray session = asking(service);
    const QByteArray id = pendingId(service);
    QCOMPARE(service.post(approval(id), R"({"decision":"deny"})").status, 200);
    const Reply second = service.post(approval(id), R"({"decision":"allow"})");
    QCOMPARE(second.status, 409);
    QCOMPARE(second.text("code"), "already_decided");
    QVERIFY2(second.text("detail").startsWith("it was decided before: deny by "), second.body);
    QVERIFY(service.becomes(session, "idle"));
    QVERIFY(!isMade(service));
}

void tst_ServeApprovals::refusesADecisionThatComesTooLate()
{
    Service service;
    service.start();
    const QByteArray session = asking(service, R"("wait_s":1)");
    const QByteArray id = pendingId(service);
    QVERIFY(service.becomes(session, "idle"));
    const Reply late = service.post(approval(id), R"({"decision":"allow"})");
    QCOMPARE(late.status, 410);
    QCOMPARE(late.text("code"), "approval_expired");
    QVERIFY(!isMade(service));
}

void tst_ServeApprovals::refusesWhatIsNoDecision_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("nothing") << "{}"_ba;
    QTest::newRow("another word") << R"({"decision":"maybe"})"_ba;
    QTest::newRow("a rewrite without a command") << R"({"decision":"rewrite"})"_ba;
    QTest::newRow("a command without a rewrite") << R"({"decision":"allow","command":"ls"})"_ba;
    QTest::newRow("another scope") << R"({"decision":"allow","scope":"ever"})"_ba;
}

void tst_ServeApprovals::refusesWhatIsNoDecision()
{
    QFETCH(QByteArray, body);
    Service service;
    service.start();
    QCOMPARE(service.post(approval("none"), body).status, 422);
    QCOMPARE(service.post(approval("none"), R"({"decision":"allow"})").status, 404);
}

void tst_ServeApprovals::deniesAtOnceWhereNobodyShallBeWaitedFor()
{
    Service service;
    service.start();
    const QByteArray session = asking(service, R"("wait_s":0)");
    QVERIFY(service.becomes(session, "idle"));
    QVERIFY(!isMade(service));
    QVERIFY(service.program.server.requests().back().body.contains("nobody is there who could answer"));
}

void tst_ServeApprovals::goesOnFromTheApprovalAfterAKill()
{
    Service service;
    service.start();
    const QByteArray session = asking(service);
    const QByteArray id = pendingId(service);
    QVERIFY(isAskedAgainAfterAKill(service, id));
    QVERIFY(!isMade(service));
    QCOMPARE(service.post(approval(id), R"({"decision":"allow"})").status, 200);
    QVERIFY(service.becomes(session, "idle"));
    QVERIFY(isMade(service));
    int asked = 0, resolved = 0, ended = 0;
    for (const SseFrame &event : service.events(session)) {
        asked += event.type == "approval.requested";
        resolved += event.type == "approval.resolved";
        ended += event.type == "turn.completed" || event.type == "turn.failed";
    }
    QCOMPARE((std::tuple{asked, resolved, ended}), (std::tuple{1, 1, 1}));
}

void tst_ServeApprovals::endsAtOnceWhereOnlyAnApproverWasWaitedFor()
{
    Service service;
    service.start();
    const QByteArray session = asking(service);
    const QByteArray id = pendingId(service);
    const Reply cancelled = service.post("/v1/sessions/" + session + "/cancel", R"({"grace_s":3600})");
    QCOMPARE(cancelled.status, 202);
    QCOMPARE(cancelled.json().root()["turn"]["status"].utf8(), "waiting");
    QVERIFY(service.becomes(session, "idle"));
    QCOMPARE(service.get("/v1/sessions/" + session + "/turns/last").text("reason"), "cancelled_by_user");
    QCOMPARE(service.get(approval(id)).text("status"), "cancelled");
    QVERIFY(!isMade(service));
}

void tst_ServeApprovals::endsWhatWaitsWhereARestartShallInterruptIt()
{
    Service service;
    service.start();
    const QByteArray session = asking(service, R"("wait_s":600},"on_restart":"interrupt","title":"x","labels":{)");
    const QByteArray id = pendingId(service);
    service.kill();
    service.start();
    QCOMPARE(service.get("/v1/sessions/" + session).text("status"), "idle");
    QCOMPARE(service.get("/v1/sessions/" + session + "/turns/last").text("reason"), "process_lost");
    QCOMPARE(ids(service, "?session=" + session), QByteArrayList());
    QCOMPARE(ids(service, "?status=cancelled&session=" + session), QByteArrayList{id});
    QVERIFY(!isMade(service));
}

void tst_ServeApprovals::hasItsServersAgainAfterAKill()
{
    if (QStandardPaths::findExecutable(u"node"_s).isEmpty())
        QSKIP("node is not installed: the scripted MCP server needs it");
    Service service;
    service.program.write(u"../state/config.toml"_s, service.program.read(u"../state/config.toml"_s) +
                                                         "[mcp_servers.s]\ncommand = \"node\"\nargs = [\"" MCP_SERVER
                                                         "\"]\n");
    service.start();
    const QByteArray session = asking(service);
    const QByteArray id = pendingId(service);
    QVERIFY(isAskedAgainAfterAKill(service, id));
    const auto isDecided = [&] { return service.post(approval(id), R"({"decision":"deny"})").status == 200; };
    QVERIFY(QTest::qWaitFor(isDecided, 30'000)); // its servers are started first
    QVERIFY(service.becomes(session, "idle"));
    QVERIFY(service.program.server.requests().back().body.contains("mcp__s__echo"));
}

void tst_ServeApprovals::listsWhatWasDecided()
{
    Service service;
    service.start();
    const QByteArray first = asking(service), denied = pendingId(service);
    QCOMPARE(service.post(approval(denied), R"({"decision":"deny"})").status, 200);
    QVERIFY(service.becomes(first, "idle"));
    const QByteArray second = asking(service), waiting = pendingId(service);
    QCOMPARE(ids(service, "?status=all"), (QByteArrayList{denied, waiting}));
    QCOMPARE(ids(service, "?status=deny"), QByteArrayList{denied});
    QCOMPARE(ids(service, "?status=allow"), QByteArrayList());
    QCOMPARE(ids(service, "?status=all&session=" + second), QByteArrayList{waiting});
    QCOMPARE(service.get("/v1/approvals?status=some").text("code"), "invalid_parameter");
    service.kill();
    service.start();
    QCOMPARE(ids(service, "?status=deny&session=" + first), QByteArrayList{denied});
    QCOMPARE(service.post(approval(denied), R"({"decision":"allow"})").text("code"), "already_decided");
}

void tst_ServeApprovals::asksTheServersHooks_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("a program") << u"hook.sh"_s << R"(#!/bin/sh
case $(cat) in *'"hook":"onCommand"'*) echo '{"decision":"deny","reason":"not here"}' ;; esac
)"_ba << "not here"_ba;
    QTest::newRow("a script") << u"hook.js"_s << R"(import { hooks, deny } from "nightshift";
hooks({ onCommand() { return deny("not here"); } });
)"_ba << "not here"_ba;
    for (const BadHook &bad : badHooks)
        QTest::newRow(bad.name) << u"hook.js"_s << hookFile(bad) << "It did not run: touch made"_ba;
}

void tst_ServeApprovals::asksTheServersHooks()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, said);
    Service service({u"--hooks"_s, name, u"--hook-timeout"_s, u"3s"_s});
    service.program.write(name, text);
    QFile::setPermissions(service.program.work() + u'/' + name, QFile::ReadOwner | QFile::ExeOwner);
    service.program.server.play({sse::call("c1", "exec_command", R"({"cmd":"touch made"})"), sse::completed()});
    service.program.server.play({sse::message("m1", "So be it."), sse::completed()});
    service.start();
    const QByteArray session = service.create(R"("cwd":")" + service.program.work().toUtf8() +
                                              R"(","sandbox":"workspace-write","input":"Go")");
    QVERIFY(service.becomes(session, "idle"));
    QVERIFY(!isMade(service));
    const auto events = service.events(session);
    QCOMPARE(std::ranges::count(events, "hook.decided"_ba, &SseFrame::type), 1);
    QVERIFY(service.program.server.requests().back().body.contains(said));
}

/// The metrics that have a value in this text.
static QSet<QByteArray> fed(const QByteArray &text)
{
    QSet<QByteArray> names;
    for (const QByteArray &line : text.split('\n')) {
        const QByteArray name = line.first(std::max<qsizetype>(0, line.indexOf(line.contains('{') ? '{' : ' ')));
        if (name.endsWith("_count") && !line.endsWith(" 0"))
            names += name.chopped(6);
        else if (!line.startsWith('#'))
            names += name;
    }
    return names;
}

/// An approval, a wait for the server, a stream, prices: what has no value then is nobody's to give.
void tst_ServeApprovals::measuresAllOfIt()
{
    Service service;
    service.program.write(u"../state/config.toml"_s,
                          service.program.read(u"../state/config.toml"_s) +
                              "[models.\"gpt-5.5\"]\nprice = { input = 2, cached_input = 0.5, output = 10 }\n");
    service.start();
    service.program.server.play(
        ScriptedServer::Answer{.status = 429, .body = "slower", .headers = {{"retry-after", "0.01"}}});
    const QByteArray session = asking(service);
    const auto stream = service.stream("/v1/sessions/" + session + "/events");
    const QByteArray id = pendingId(service);
    const QByteArray before = service.get("/metrics").body;
    QCOMPARE(service.post(approval(id), R"({"decision":"allow"})").status, 200);
    QVERIFY(service.becomes(session, "idle"));
    const QByteArray after = service.get("/metrics").body;
    const QSet<QByteArray> values = fed(before) + fed(after);
    QByteArrayList empty;
    for (const QByteArray &line : after.split('\n')) {
        const QByteArray name = line.split(' ').value(2);
        if (line.startsWith("# TYPE ") && !values.contains(name))
            empty += name;
    }
    for (const char *elsewhere : {"nightshift_batch_items", "nightshift_webhook_deliveries_total"})
        empty.removeAll(elsewhere);
    QCOMPARE(empty.join(' '), QByteArray());
}

QTEST_GUILESS_MAIN(tst_ServeApprovals)
#include "tst_serve_approvals.moc"
