#include "support/git.h"
#include "support/lines.h"
#include "support/service.h"
#include <QLocalSocket>
#include <QTest>
#include <array>
#include <csignal>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Sessions and their turns over HTTP, from a client's side.
class tst_ServeSessions : public QObject
{
    Q_OBJECT

private slots:
    void runsASession();
    void keepsAnsweringInOneSession();
    void queuesWhatComesWhileATurnRuns();
    void steersTheRunningTurn();
    void replacesTheRunningTurn();
    void refusesWhatIsWrong_data();
    void refusesWhatIsWrong();
    void cancelsWhatRunsAndWhatWaits();
    void tellsThoseWhoWaitOfATurnThatNeverBegan();
    void killsAllThatACommandLeft();
    void goesOnAfterACancel();
    void answersAllThatCancelAnIdleSessionAtOnce();
    void changesAndFindsSessions();
    void takesManyRequestsAtOnce();
    void forksASession();
    void deletesASession();
    void tellsThatItWaitsForARateLimit();
    void waitsUntilItsLimitsAreRaised();
    void worksInATreeOfItsOwn_data();
    void worksInATreeOfItsOwn();
    void keepsTwoOutOfOneTree();
    void holdsASessionToItsLimits();
    void answersInTheShapeThatWasAsked();
    void tellsWhereItsPricesAreFrom();
    void countsRequestsToServersThatTellNoUsage();
    void endsATurnWhoseModelFallsSilent();
    void keepsLimitsOfATurnApart();
    void passesOnWhatItIsAPartOf();
    void saysWhatTheCallerHas();
};

static QByteArrayList answer(const QByteArray &text)
{
    return {sse::message("m1", text), sse::completed()};
}

/// A command that runs until the file `go` is there.
static QByteArrayList waiting(const QByteArray &id = "c1")
{
    return {sse::command(id, "touch started; until [ -e go ]; do sleep 0.05; done; echo gone"), sse::completed()};
}

static QByteArray inWork(const Service &service, const QByteArray &more = {})
{
    return R"("cwd":")" + service.program.work().toUtf8() + '"' + (more.isEmpty() ? "" : "," + more);
}

/// A session whose first turn waits in a command, which has begun.
static QByteArray busySession(Service &service, const QByteArray &more = {})
{
    service.program.server.play(waiting());
    const QByteArray id = service.create(inWork(service, R"("input":"Wait","sandbox":"danger-full-access")" + more));
    [&] { QTRY_COMPARE_WITH_TIMEOUT(service.program.read(u"started"_s), "", 30'000); }();
    return id;
}

static QByteArray sessions(const QByteArray &id, const QByteArray &rest = {})
{
    return "/v1/sessions/" + id + rest;
}

constexpr auto whole = R"({"id":"ID","status":"idle","title":"First","labels":{"ci":"1234"},"external_id":"pr-42",)"
                       R"("created_at":"TIME","updated_at":"TIME","cwd":"WORK","model":"gpt-5.5","provider":"mock",)"
                       R"("sandbox":"read-only","network_access":false,"isolation":"none",)"
                       R"("approval":{"policy":"never","wait_s":0,"default":"deny"},"limits":{"turns":5},)"
                       R"("usage":{"requests":1,"input_tokens":1000,"cached_tokens":600,"output_tokens":50,)"
                       R"("reasoning_tokens":10},"turn":{"id":"ID","status":"done"},"turns":1,)"
                       R"("pending_approvals":0,"first_seq":1,"last_seq":N,"links":{"self":"/v1/sessions/ID",)"
                       R"("events":"/v1/sessions/ID/events","turns":"/v1/sessions/ID/turns",)"
                       R"("bundle":"/v1/sessions/ID/bundle"}})";

constexpr auto wholeTurn = R"({"id":"ID","number":1,"session":"ID","status":"done","outcome":"completed",)"
                           R"("reason":"final_message","result":{"text":"Hello."},)"
                           R"("usage":{"requests":1,"input_tokens":1000,"cached_tokens":600,"output_tokens":50,)"
                           R"("reasoning_tokens":10},"limits_hit":[],"started_at":"TIME",)"
                           R"("ended_at":"TIME","duration_ms":DURATION,"waited_ms":{"approval":0,"rate_limit":0},)"
                           R"("seq":{"first":3,"last":N},"tool_calls":{"ok":0,"failed":0,"denied":0},)"
                           R"("files_changed":[]})";

/// With the end of the log left out, too.
static QByteArray withoutEnd(const Service &service, const Reply &reply)
{
    QByteArray text = service.plain(reply.body.trimmed());
    for (const QByteArray &member : {QByteArray("\"last_seq\":"), QByteArray("\"last\":")}) {
        if (const qsizetype at = text.indexOf(member); at >= 0) {
            const qsizetype from = at + member.size();
            qsizetype to = from;
            while (to < text.size() && text[to] >= '0' && text[to] <= '9')
                ++to;
            text.replace(from, to - from, "N");
        }
    }
    return text;
}

void tst_ServeSessions::runsASession()
{
    Service service;
    service.start();
    service.program.server.play(answer("Hello."));
    const Reply created = service.post(
        "/v1/sessions", '{' +
                            inWork(service, R"("title":"First","labels":{"ci":"1234"},"external_id":"pr-42",)"
                                            R"("limits":{"turns":5},"input":[{"type":"text","text":"Say hello"}])") +
                            '}');
    QCOMPARE(created.status, 202);
    const QByteArray id = created.text("id");
    QCOMPARE(created.field("location"), sessions(id));
    QCOMPARE(created.text("accepted_as"), "queue");
    QCOMPARE(created.number("position"), 1);
    QCOMPARE(created.text("events"), sessions(id, "/events?after=2"));
    QVERIFY(service.becomes(id, "idle"));
    QCOMPARE(withoutEnd(service, service.get(sessions(id))), QByteArray(whole));
    QCOMPARE(withoutEnd(service, service.get(sessions(id, "/turns/last"))), QByteArray(wholeTurn));
    QCOMPARE(service.get(sessions(id, "/turns/t_1")).body, service.get(sessions(id, "/turns/last")).body);
    QCOMPARE(service.get(sessions(id, "/turns")).json().root()["data"].size(), 1);
    QCOMPARE(service.get(sessions(id, "/turns/t_2")).status, 404);
    QCOMPARE(service.stop().exitCode, 0);
}

void tst_ServeSessions::keepsAnsweringInOneSession()
{
    Service service({u"--listen"_s, u"127.0.0.1:0"_s});
    service.start();
    const QByteArray id = service.create(inWork(service));
    QCOMPARE(service.get(sessions(id)).text("status"), "idle");
    for (const QByteArray &word : {QByteArray("one"), QByteArray("two")}) {
        service.program.server.play(answer(word));
        const Reply turn =
            service.post(sessions(id, "/turns"), R"({"input":"Say )" + word + "\"}", "Prefer: wait=30\r\n");
        QCOMPARE(turn.status, 200);
        QCOMPARE(turn.field("preference-applied"), "wait");
        QCOMPARE(turn.json().root()["result"]["text"].utf8(), word);
    }
    QVERIFY(service.program.server.requests().back().input().contains("Say one"));
    service.program.server.play(answer("three"));
    const Reply unasked = service.post(sessions(id, "/turns"), R"({"input":"Three"})");
    QCOMPARE(unasked.status, 202);
    QCOMPARE(unasked.field("preference-applied"), ""); // nobody asked to wait
    QVERIFY(service.becomes(id, "idle"));
    QCOMPARE(service.program.server.violations(), QStringList());
}

void tst_ServeSessions::queuesWhatComesWhileATurnRuns()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service);
    const Reply second = service.post(sessions(id, "/turns"), R"({"input":"Second"})");
    QCOMPARE(second.status, 202);
    QCOMPARE(second.number("position"), 1);
    QCOMPARE(second.json().root()["turn"]["status"].utf8(), "queued");
    const Reply third = service.post(sessions(id, "/turns"), R"({"input":"Third","when_busy":"queue"})");
    QCOMPARE(third.number("position"), 2);
    const Reply refused = service.post(sessions(id, "/turns"), R"({"input":"No","when_busy":"reject"})");
    QCOMPARE(refused.status, 409);
    QCOMPARE(refused.text("code"), "busy");
    for (const char *word : {"first", "second", "third"})
        service.program.server.play(answer(word));
    service.program.write(u"go"_s, "");
    QVERIFY(service.becomes(id, "idle"));
    QByteArrayList results;
    for (const JsonDocument turns = service.get(sessions(id, "/turns")).json();
         const JsonView turn : turns.root()["data"].items())
        results += turn["result"]["text"].utf8().toByteArray();
    QCOMPARE(results, (QByteArrayList{"first", "second", "third"}));
}

void tst_ServeSessions::steersTheRunningTurn()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service);
    const Reply steered = service.post(sessions(id, "/turns"), R"({"input":"Be brief","when_busy":"steer"})");
    QCOMPARE(steered.status, 202);
    QCOMPARE(steered.text("accepted_as"), "steer");
    QCOMPARE(steered.json().root()["turn"]["id"].utf8(), service.get(sessions(id, "/turns/t_1")).text("id"));
    service.program.server.play(answer("Brief."));
    service.program.write(u"go"_s, "");
    QVERIFY(service.becomes(id, "idle"));
    QCOMPARE(service.program.server.requests().size(), 2);
    QVERIFY(service.program.server.requests().back().input().endsWith(
        R"({"type":"message","role":"user","content":[{"type":"input_text","text":"Be brief"}]})"));
    QCOMPARE(service.get(sessions(id, "/turns")).json().root()["data"].size(), 1);
    // With nothing to steer it is a turn of its own.
    service.program.server.play(answer("Briefer."));
    QCOMPARE(service.post(sessions(id, "/turns"), R"({"input":"Again","when_busy":"steer"})").text("accepted_as"),
             "queue");
    QVERIFY(service.becomes(id, "idle"));
}

void tst_ServeSessions::replacesTheRunningTurn()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service);
    service.program.server.play(answer("Instead."));
    const Reply replaced =
        service.post(sessions(id, "/turns"), R"({"input":"Do this","when_busy":"replace"})", "Prefer: wait=30\r\n");
    QCOMPARE(replaced.status, 200);
    QCOMPARE(replaced.json().root()["result"]["text"].utf8(), "Instead.");
    const Reply first = service.get(sessions(id, "/turns/t_1"));
    QCOMPARE(first.text("outcome"), "cancelled");
    QCOMPARE(first.text("reason"), "superseded");
}

void tst_ServeSessions::refusesWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<QByteArray>("pointers");
    QTest::newRow("no JSON") << QByteArray("{") << QByteArray("invalid_json") << QByteArray();
    QTest::newRow("no object") << QByteArray("[]") << QByteArray("validation_failed") << QByteArray();
    QTest::newRow("types") << QByteArray(R"({"title":1,"labels":{"a":2},"limits":{"turns":0,"cost_usd":-1}})")
                           << QByteArray("validation_failed")
                           << QByteArray("/title /labels/a /limits/turns /limits/cost_usd");
    QTest::newRow("words") << QByteArray(R"({"sandbox":"none","approval":{"policy":"always"}})")
                           << QByteArray("validation_failed") << QByteArray("/sandbox /approval/policy");
    QTest::newRow("unknown") << QByteArray(R"({"prompt":"x","limits":{"minutes":1}})")
                             << QByteArray("validation_failed") << QByteArray("/prompt");
    QTest::newRow("unknown limit") << QByteArray(R"({"limits":{"minutes":1}})") << QByteArray("validation_failed")
                                   << QByteArray("/limits/minutes");
    QTest::newRow("input") << QByteArray(R"({"input":[{"type":"text"},{"type":"sound","path":"x"}]})")
                           << QByteArray("validation_failed") << QByteArray("/input/0/text /input/1/type");
    QTest::newRow("missing file") << QByteArray(R"({"input":[{"type":"file","path":"no.txt"}]})")
                                  << QByteArray("validation_failed") << QByteArray("/input/0/path");
    QTest::newRow("file outside") << QByteArray(R"({"input":[{"type":"file","path":"/etc/hostname"}]})")
                                  << QByteArray("validation_failed") << QByteArray("/input/0/path");
    QTest::newRow("loose schema") << QByteArray(R"({"input":"x","schema":{"type":"object","properties":{}}})")
                                  << QByteArray("validation_failed") << QByteArray("/schema");
    QTest::newRow("outside of the roots")
        << QByteArray(R"({"cwd":"/usr"})") << QByteArray("root_not_allowed") << QByteArray();
}

void tst_ServeSessions::refusesWhatIsWrong()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, code);
    QFETCH(QByteArray, pointers);
    static Service service;
    if (!service.run)
        service.start();
    const Reply reply = service.post("/v1/sessions", body);
    QCOMPARE(reply.text("code"), code);
    QByteArrayList found;
    for (const JsonDocument problem = reply.json(); const JsonView error : problem.root()["errors"].items())
        found += error["pointer"].utf8().toByteArray();
    QCOMPARE(found.join(' '), pointers);
    QCOMPARE(service.program.logs(), QStringList());
}

void tst_ServeSessions::tellsThoseWhoWaitOfATurnThatNeverBegan()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service);
    const auto waiting = service.open("POST", sessions(id, "/turns"), R"({"input":"Next"})", "Prefer: wait=60\r\n");
    QTRY_COMPARE_WITH_TIMEOUT(service.get(sessions(id, "/turns/t_2")).status, 200, 30'000);
    QCOMPARE(service.post(sessions(id, "/cancel"), R"({"turn":"t_2"})").status, 202);
    const Reply reply = waiting->reply();
    QCOMPARE(reply.status, 200);
    QCOMPARE(reply.text("outcome"), "cancelled");
}

void tst_ServeSessions::cancelsWhatRunsAndWhatWaits()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service);
    service.post(sessions(id, "/turns"), R"({"input":"Second"})");
    service.post(sessions(id, "/turns"), R"({"input":"Third"})");
    const Reply one = service.post(sessions(id, "/cancel"), R"({"turn":"t_2"})");
    QCOMPARE(one.status, 202);
    QCOMPARE(service.get(sessions(id, "/turns/t_2")).text("reason"), "cancelled_by_user");
    QCOMPARE(service.get(sessions(id)).text("status"), "running");
    QCOMPARE(service.post(sessions(id, "/cancel"), R"({"queued":true,"mode":"kill","reason":"enough"})").status, 202);
    QVERIFY(service.becomes(id, "idle"));
    for (const char *turn : {"/turns/t_1", "/turns/t_3"}) {
        const Reply reply = service.get(sessions(id, turn));
        QCOMPARE(reply.text("outcome"), "cancelled");
        QCOMPARE(reply.json().root()["error"]["message"].utf8(), "enough");
    }
    QCOMPARE(service.post(sessions(id, "/cancel"), "{}").status, 200);
    QCOMPARE(service.post(sessions(id, "/cancel"), R"({"turn":"t_9"})").status, 404);
}

void tst_ServeSessions::killsAllThatACommandLeft()
{
    Service service;
    service.start();
    const QByteArray mark = "nightshift-cancel-" + QByteArray::number(qint64(getpid()));
    const QByteArray sleeper = "exec -a " + mark + " sleep 300";
    service.program.server.play({sse::command("c1", "trap '' TERM INT; setsid bash -c '" + sleeper +
                                                        "' & (setsid bash -c \"trap '' TERM INT; " + sleeper +
                                                        "\" &) ; touch started; while :; do sleep 0.1; done"),
                                 sse::completed()});
    const QByteArray id = service.create(inWork(service, R"("input":"Wait","sandbox":"danger-full-access")"));
    QTRY_COMPARE_WITH_TIMEOUT(service.program.read(u"started"_s), "", 30'000);
    QTRY_COMPARE_WITH_TIMEOUT(processesWith(mark + " 300").size(), 2, 30'000);
    const auto stream = service.stream(sessions(id, "/events?until=turn:last&types=turn.*"));
    QCOMPARE(service.post(sessions(id, "/cancel"), R"({"grace_s":1})").status, 202);
    QVERIFY(stream->shows("event: turn.failed"));
    QCOMPARE(processesWith(mark + " 300"), QByteArrayList());
}

void tst_ServeSessions::goesOnAfterACancel()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service);
    service.post(sessions(id, "/cancel"), R"({"mode":"kill"})");
    QVERIFY(service.becomes(id, "idle"));
    service.program.server.play(answer("Continued."));
    const Reply turn = service.post(sessions(id, "/turns"), R"({"input":[],"continue":true})", "Prefer: wait=30\r\n");
    QCOMPARE(turn.json().root()["result"]["text"].utf8(), "Continued.");
    QVERIFY(!service.program.server.requests().back().input().contains(R"("text":""})"));
    QCOMPARE(service.program.server.violations(), QStringList());
    QCOMPARE(service.post(sessions(id, "/turns"), "{}").text("code"), "validation_failed");
}

void tst_ServeSessions::answersAllThatCancelAnIdleSessionAtOnce()
{
    Service service;
    service.start();
    const QByteArray id = service.create(inWork(service));
    std::array<QLocalSocket, 3> clients;
    const auto ask = [](QLocalSocket &client, const QByteArray &line, const QByteArray &body) {
        client.write(line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
                     QByteArray::number(body.size()) + "\r\n\r\n" + body);
        client.flush();
    };
    const auto answered = [](QLocalSocket &client) {
        QByteArray got;
        const bool came = QTest::qWaitFor([&] { return (got += client.readAll()).contains("\r\n\r\n"); }, 30'000);
        if (!got.startsWith("HTTP/1.1 200"))
            qWarning("%s", got.constData());
        return came && got.startsWith("HTTP/1.1 200");
    };
    for (QLocalSocket &client : clients) { // all are accepted before
        client.connectToServer(service.program.home() + u"/nightshift/http.sock"_s);
        ask(client, "GET /healthz", {});
        QVERIFY(answered(client));
    }
    ::kill(pid_t(service.run->pid()), SIGSTOP); // so that it finds all three in one turn of its loop
    for (QLocalSocket &client : clients)
        ask(client, "POST " + sessions(id, "/cancel"), "{}");
    ::kill(pid_t(service.run->pid()), SIGCONT);
    for (QLocalSocket &client : clients)
        QVERIFY(answered(client));
    QVERIFY(service.becomes(id, "idle"));
}

void tst_ServeSessions::changesAndFindsSessions()
{
    Service service;
    service.start();
    const QByteArray first = service.create(inWork(service, R"("labels":{"ci":"1"},"external_id":"one")"));
    const QByteArray second = service.create(inWork(service, R"("labels":{"ci":"2"})"));
    const auto found = [&service](const QByteArray &query) {
        QByteArrayList ids;
        for (const JsonDocument page = service.get("/v1/sessions" + query).json();
             const JsonView each : page.root()["data"].items())
            ids += each["id"].utf8().toByteArray();
        return ids;
    };
    QCOMPARE(found(""), (QByteArrayList{second, first}));
    QCOMPARE(found("?label.ci=1"), QByteArrayList{first});
    QCOMPARE(found("?external_id=one"), QByteArrayList{first});
    QCOMPARE(found("?status=running"), QByteArrayList());
    QCOMPARE(found("?status=idle"), (QByteArrayList{second, first}));
    const Reply page = service.get("/v1/sessions?limit=1");
    QCOMPARE(found("?limit=1&after=" + page.text("next")), QByteArrayList{first});
    QCOMPARE(service.get("/v1/sessions?status=busy").status, 400);

    const Reply changed = service.send("PATCH", sessions(first), R"({"title":"New","labels":{"ci":"3"}})");
    QCOMPARE(changed.status, 200);
    QCOMPARE(changed.text("title"), "New");
    QCOMPARE(found("?label.ci=3"), QByteArrayList{first});
    QCOMPARE(service.send("PATCH", sessions(first), R"({"cwd":"/"})").text("code"), "root_not_allowed");
    for (const char *part : {R"({"policy":"on-request","wait_s":60})", R"({"wait_s":5})"}) // the rest stays
        QCOMPARE(service.send("PATCH", sessions(first), R"({"approval":)" + QByteArray(part) + '}').status, 200);
    QCOMPARE(service.get(sessions(first)).json().root()["approval"].raw().text,
             R"({"policy":"on-request","wait_s":5,"default":"deny"})");
    service.stop();
    service.start();
    QCOMPARE(service.get(sessions(first)).text("title"), "New");
    QCOMPARE(found("?label.ci=3&external_id=one"), QByteArrayList{first});
}

void tst_ServeSessions::takesManyRequestsAtOnce()
{
    Service service;
    service.start();
    const QByteArray id = service.create(inWork(service));
    for (int round = 0; round < 10; ++round) {
        std::vector<std::unique_ptr<Exchange>> all;
        for (int i = 0; i < 8; ++i)
            all.push_back(service.open("PATCH", sessions(id), R"({"labels":{"a":"b"}})"));
        for (const auto &each : all)
            QCOMPARE(each->reply().status, 200);
    }
}

void tst_ServeSessions::forksASession()
{
    Service service;
    service.start();
    service.program.server.play(answer("One."));
    const QByteArray id = service.create(inWork(service, R"("input":"First","title":"Parent")"));
    QVERIFY(service.becomes(id, "idle"));
    service.program.server.play(answer("Two."));
    service.post(sessions(id, "/turns"), R"({"input":"Second"})", "Prefer: wait=30\r\n");
    const Reply forked = service.post(sessions(id, "/fork"), R"({"at_turn":"t_1"})");
    QCOMPARE(forked.status, 201);
    const QByteArray child = forked.text("id");
    QVERIFY(child != id);
    QCOMPARE(forked.text("title"), "Parent");
    const auto used = [](const Reply &session) {
        const JsonDocument json = session.json();
        return std::pair(json.root()["usage"]["requests"].toInteger(),
                         json.root()["usage"]["input_tokens"].toInteger());
    };
    QCOMPARE(used(forked), std::pair(0LL, 0LL));
    service.program.server.play(answer("Other."));
    QCOMPARE(service.post(sessions(child, "/turns"), R"({"input":"Else"})", "Prefer: wait=30\r\n").status, 200);
    const QByteArray input = service.program.server.requests().back().input();
    QVERIFY(input.contains("One.") && !input.contains("Two.") && input.contains("Else"));
    QCOMPARE(used(service.get(sessions(child))), std::pair(1LL, 1000LL));
    QCOMPARE(service.post(sessions(id, "/fork"), R"({"isolation":"copy"})").text("isolation"), "copy");
    QCOMPARE(service.post(sessions(id, "/fork"), R"({"at_turn":7})").status, 422);
}

void tst_ServeSessions::deletesASession()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service);
    const auto stream = service.stream(sessions(id, "/events?types=turn.*,session.*"));
    QVERIFY(stream->shows("event: turn.started"));
    QCOMPARE(service.send("DELETE", sessions(id)).text("code"), "busy");
    QCOMPARE(service.send("DELETE", sessions(id, "?force=1")).status, 204);
    QCOMPARE(service.program.logs(), QStringList());
    QByteArrayList types;
    QVERIFY(stream->shows("event: end"));
    for (const SseFrame &frame : sseFrames(stream->body()))
        types += frame.type;
    QCOMPARE(types.mid(types.size() - 3), (QByteArrayList{"turn.failed", "session.closed", "end"}));
    const auto answers = [&] {
        return QByteArrayList{service.get(sessions(id)).text("code"), service.send("DELETE", sessions(id)).text("code"),
                              service.post(sessions(id, "/turns"), R"({"input":"Hello?"})").text("code")};
    };
    QCOMPARE(answers(), QByteArrayList(3, "session_deleted"));
    service.stop();
    service.start();
    QCOMPARE(answers(), QByteArrayList(3, "session_deleted"));
    QCOMPARE(service.get(sessions("01a1fb5e-6a89-7441-9933-31c37fc54290")).text("code"), "not_found");
}

void tst_ServeSessions::tellsThatItWaitsForARateLimit()
{
    Service service;
    service.start();
    service.program.server.play(
        ScriptedServer::Answer{.status = 429, .body = "slower", .headers = {{"retry-after", "1"}}});
    service.program.server.play(answer("Here again."));
    const QByteArray id = service.create(inWork(service, R"("input":"Go")"));
    QVERIFY(service.becomes(id, "waiting"));
    QCOMPARE(service.get(sessions(id)).text("waiting_for"), "rate_limit");
    const Reply waiting = service.get(sessions(id, "/turns/last"));
    QCOMPARE(waiting.text("status") + ' ' + waiting.text("waiting_for"), "waiting rate_limit");
    QVERIFY2(QDateTime::fromString(QString::fromUtf8(waiting.text("retry_at")), Qt::ISODateWithMs).isValid(),
             waiting.body);
    QVERIFY(service.becomes(id, "idle"));
    const Reply turn = service.get(sessions(id, "/turns/last"));
    QVERIFY2(turn.json().root()["waited_ms"]["rate_limit"].toInteger() >= 900, turn.body);
    QByteArrayList waits;
    for (const SseFrame &event : service.events(id)) {
        if (event.type.startsWith("wait."))
            waits += service.plain(event.data);
    }
    QCOMPARE(waits.size(), 2);
    QVERIFY2(waits[0].startsWith(R"({"type":"wait.started","for":"rate_limit","message":"exceeded retry limit, last )"
                                 R"(status: 429 Too Many Requests","retry_at":"TIME","seq":)"),
             waits[0]);
    QVERIFY2(waits[1].startsWith(R"({"type":"wait.ended","for":"rate_limit","waited_ms":0,"seq":)"), waits[1]);
    QVERIFY(service.get("/metrics").body.contains("\nnightshift_rate_limit_wait_seconds_total "));
}

void tst_ServeSessions::waitsUntilItsLimitsAreRaised()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service, R"(,"limits":{"requests":2})");
    QCOMPARE(service.post(sessions(id, "/turns"), R"({"input":"Second"})").status, 202);
    service.program.server.play(answer("First done."));
    service.program.write(u"go"_s, "");
    QVERIFY(service.becomes(id, "waiting"));
    QCOMPARE(service.get(sessions(id)).text("waiting_for"), "budget");
    const Reply waiting = service.get(sessions(id, "/turns/last"));
    QCOMPARE(waiting.text("status") + ' ' + waiting.text("waiting_for"), "waiting budget");
    service.stop();
    service.start();
    QVERIFY(service.becomes(id, "waiting"));
    service.program.server.play(answer("Second done."));
    QCOMPARE(service.send("PATCH", sessions(id), R"({"limits":{"requests":10}})").status, 200);
    QVERIFY(service.becomes(id, "idle"));
    QByteArrayList types;
    for (const SseFrame &event : service.events(id))
        types += event.type;
    QCOMPARE(linesWith(types, "wait.").join(' '), "wait.started wait.ended");
    QCOMPARE(linesWith(types, "limit.").join(' '), "limit.warning"); // 2 of 2
}

void tst_ServeSessions::worksInATreeOfItsOwn_data()
{
    QTest::addColumn<QByteArray>("isolation");
    for (const char *kind : {"copy", "worktree", "overlay"})
        QTest::newRow(kind) << QByteArray(kind);
}

void tst_ServeSessions::worksInATreeOfItsOwn()
{
    QFETCH(QByteArray, isolation);
    Service service;
    service.start();
    service.program.write(u"kept"_s, "as it was\n");
    gitIn(service.program.work(), {u"add"_s, u"-A"_s});
    gitIn(service.program.work(), {u"commit"_s, u"-qm"_s, u"first"_s});
    service.program.server.play({sse::command("c1", "echo changed > kept; echo more > new"), sse::completed()});
    service.program.server.play(answer("Done."));
    const QByteArray wish = R"("input":"Go","sandbox":"danger-full-access","isolation":")" + isolation + '"';
    const QByteArray id = service.create(inWork(service, wish));
    QVERIFY(service.becomes(id, "idle"));
    QCOMPARE(service.get(sessions(id)).text("isolation"), isolation);
    QCOMPARE(service.program.read(u"kept"_s), "as it was\n");
    QCOMPARE(service.program.read(u"new"_s), "no file");
    const QByteArray diff = service.get(sessions(id, "/diff")).body;
    QVERIFY2(diff.contains("-as it was\n+changed\n") && diff.contains("+more\n"), diff);
    const Ended applied = service.program.run({u"sessions"_s, u"apply"_s, QString::fromLatin1(id)});
    QVERIFY2(applied.exitCode == 0, applied.err);
    QCOMPARE(service.program.read(u"kept"_s), "changed\n");
    QCOMPARE(service.send("DELETE", sessions(id)).status, 204);
}

void tst_ServeSessions::keepsTwoOutOfOneTree()
{
    Service service;
    service.start();
    busySession(service);
    const QByteArray writer = inWork(service, R"("input":"Me, too","sandbox":"workspace-write")");
    const Reply refused = service.post("/v1/sessions", '{' + writer + '}');
    QCOMPARE(refused.status, 409);
    QCOMPARE(refused.text("code"), "workspace_locked");
    service.program.server.play(answer("I only read."));
    QVERIFY(service.becomes(service.create(inWork(service, R"("input":"Read")")), "idle"));
}

void tst_ServeSessions::holdsASessionToItsLimits()
{
    Service service;
    service.start();
    service.program.server.play(answer("One."));
    const QByteArray id = service.create(inWork(service, R"("input":"First","limits":{"turns":1})"));
    QVERIFY(service.becomes(id, "idle"));
    const Reply refused = service.post(sessions(id, "/turns"), R"({"input":"Second"})");
    QCOMPARE(refused.status, 409);
    QCOMPARE(refused.text("code"), "limit_turns");
    QCOMPARE(service.send("PATCH", sessions(id), R"({"limits":{"turns":2,"requests":1}})").status, 200);
    QCOMPARE(service.post(sessions(id, "/turns"), R"({"input":"Second"})").text("code"), "limit_requests");
}

void tst_ServeSessions::tellsWhereItsPricesAreFrom()
{
    Service service({u"-c"_s, u"models.\"gpt-5.5\".price={input=2, output=10}"_s});
    service.start();
    service.program.server.play(answer("One."));
    const QByteArray id = service.create(inWork(service, R"("input":"First")"));
    QVERIFY(service.becomes(id, "idle"));
    const auto source = [&](const QByteArray &rest) {
        return service.get(sessions(id, rest)).json().root()["usage"]["cost_source"].utf8().toByteArray();
    };
    QCOMPARE(source({}) + ' ' + source("/turns/last"), "settings settings");
    service.stop();
    service.args = {};
    service.start();
    service.program.server.play(answer("Two."));
    const Reply turn = service.post(sessions(id, "/turns"), R"({"input":"Second"})", "Prefer: wait=30\r\n");
    QCOMPARE(turn.text("outcome"), "completed");
    QCOMPARE(source({}), ""); // the second turn's price is not known, and so the whole is not
}

void tst_ServeSessions::countsRequestsToServersThatTellNoUsage()
{
    Service service;
    service.start();
    const QByteArray silent = R"({"type":"response.completed","response":{"id":"r"}})";
    service.program.server.play(
        ScriptedServer::Answer{.body = sse::stream({sse::created(), sse::message("m1", "One."), silent})});
    const QByteArray id = service.create(inWork(service, R"("input":"First","limits":{"requests":1})"));
    QVERIFY(service.becomes(id, "idle"));
    QCOMPARE(service.get(sessions(id)).json().root()["usage"]["requests"].toInteger(), 1);
    QCOMPARE(service.post(sessions(id, "/turns"), R"({"input":"Second"})").text("code"), "limit_requests");
}

void tst_ServeSessions::endsATurnWhoseModelFallsSilent()
{
    Service service;
    service.start();
    service.program.server.play(
        ScriptedServer::Answer{.body = sse::stream({sse::created()}), .end = ScriptedServer::Answer::End::Stall});
    const QByteArray id = service.create(inWork(service, R"("input":"Go","limits":{"idle_s":1})"));
    QVERIFY(service.becomes(id, "idle"));
    const Reply turn = service.get(sessions(id, "/turns/last"));
    QCOMPARE(turn.text("outcome") + ' ' + turn.text("reason"), "failed limit_idle");
    QCOMPARE(turn.json().root()["limits_hit"].raw().text, R"(["limit_idle"])");
    QByteArrayList reached;
    for (const SseFrame &event : service.events(id)) {
        if (event.type == "limit.reached")
            reached += event.data;
    }
    QCOMPARE(reached.size(), 1);
    QVERIFY2(reached[0].startsWith(R"({"type":"limit.reached","limit":"limit_idle","used":1,"max":1,"message":)"),
             reached[0]);
    QCOMPARE(service.program.server.requests().size(), size_t(1)); // nobody asked again
}

void tst_ServeSessions::keepsLimitsOfATurnApart()
{
    Service service;
    service.start();
    service.program.server.play(answer("One."));
    const QByteArray id = service.create(inWork(service));
    const Reply refused = service.post(sessions(id, "/turns"), R"({"input":"Go","limits":{"turns":1,"idle_s":1}})");
    QCOMPARE(refused.text("code"), "validation_failed");
    QCOMPARE(refused.json().root()["errors"].size(), 2);
    const Reply turn = service.post(
        sessions(id, "/turns"), R"({"input":"Go","limits":{"tokens":1},"labels":{"a":"b"}})", "Prefer: wait=30\r\n");
    QCOMPARE(turn.text("reason"), "final_message"); // it was the last request anyway
    QCOMPARE(turn.json().root()["labels"].raw().text, R"({"a":"b"})");
    QCOMPARE(service.get(sessions(id)).json().root()["limits"].raw().text, "{}");
}

void tst_ServeSessions::passesOnWhatItIsAPartOf()
{
    Service service;
    service.start();
    const QByteArray trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for (int i = 0; i < 3; ++i)
        service.program.server.play(answer("Done."));
    const auto post = [&](const QByteArray &path, const QByteArray &body, const QByteArray &fields) {
        return service.post(path, body, "Prefer: wait=30\r\n" + fields);
    };
    const Reply first =
        post("/v1/sessions", '{' + inWork(service, R"("input":"Go")") + '}', "traceparent: " + trace + "\r\n");
    const QByteArray turns = sessions(first.text("id"), "/turns");
    post(turns, R"({"input":"On"})", {});
    post(turns, R"({"input":"On"})", "traceparent: 00-nonsense-01\r\n");
    QByteArrayList passed;
    for (const ScriptedServer::Request &request : service.program.server.requests())
        passed += request.headers.value("traceparent", "none");
    QCOMPARE(passed, (QByteArrayList{trace, "none", "none"}));
}

void tst_ServeSessions::answersInTheShapeThatWasAsked()
{
    Service service;
    service.start();
    service.program.server.play(answer(R"({"n":7})"));
    const Reply turn = service.post(
        "/v1/sessions",
        '{' +
            inWork(service, R"("input":"Count","schema":{"type":"object","properties":{"n":{"type":"integer"}},)"
                            R"("required":["n"],"additionalProperties":false})") +
            '}',
        "Prefer: wait=30\r\n");
    QCOMPARE(turn.status, 201);
    const Reply shown = service.get(sessions(turn.text("id"), "/turns/last"));
    QCOMPARE(shown.json().root()["result"].raw().text, R"({"text":"{\"n\":7}","json":{"n":7},"schema_ok":true})");
}

void tst_ServeSessions::saysWhatTheCallerHas()
{
    Service service;
    service.start();
    const Reply info = service.get("/v1/info");
    const JsonDocument shown = info.json();
    QCOMPARE(shown.root()["roots"].raw().text, "[\"" + service.program.work().toUtf8() + "\"]");
    QVERIFY2(shown.root()["models"].raw().text.contains("\"gpt-5.5\""), info.body);
    QVERIFY2(!info.text("prices_as_of").isEmpty(), info.body);
    QVERIFY2(shown.root()["features"].raw().text.contains("\"batches\""), info.body);
}

QTEST_GUILESS_MAIN(tst_ServeSessions)
#include "tst_serve_sessions.moc"
