#include "support/service.h"
#include <QRandomGenerator>
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// What a service that was killed or stopped leaves, and what the next one makes of it.
class tst_ServeRestart : public QObject
{
    Q_OBJECT

private slots:
    void endsTheTurnsOfALostServer();
    void goesOnUnaskedWhereThatIsWanted();
    void doesWhatWasAcknowledgedBefore();
    void interruptsWhatDoesNotEndInTime();
    void losesNothingWhenItIsKilledAtRandom();
};

static QByteArray start(Service &service, const QByteArray &more)
{
    return service.create(R"("cwd":")" + service.program.work().toUtf8() + "\"," + more);
}

static QByteArray sessions(const QByteArray &id, const QByteArray &rest = {})
{
    return "/v1/sessions/" + id + rest;
}

/// A session whose turn waits in a command.
static QByteArray busySession(Service &service, const QByteArray &more = {})
{
    service.program.server.play(
        {sse::command("c1", "touch started; until [ -e go ]; do sleep 0.05; done"), sse::completed()});
    const QByteArray id = start(service, R"("input":"Wait","sandbox":"danger-full-access")" + more);
    [&] { QTRY_COMPARE_WITH_TIMEOUT(service.program.read(u"started"_s), "", 30'000); }();
    return id;
}

void tst_ServeRestart::endsTheTurnsOfALostServer()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service);
    service.kill();
    service.start();
    const Reply turn = service.get(sessions(id, "/turns/last"));
    QCOMPARE(turn.text("outcome"), "interrupted");
    QCOMPARE(turn.text("reason"), "process_lost");
    const std::vector<SseFrame> told = service.events(id);
    QCOMPARE(told.back().type, "turn.failed");
    QCOMPARE(told[told.size() - 2].type, "item.completed"); // its command
    service.program.server.play({sse::message("m1", "On we go."), sse::completed()});
    const Reply next = service.post(sessions(id, "/turns"), R"({"continue":true})", "Prefer: wait=30\r\n");
    QCOMPARE(next.json().root()["result"]["text"].utf8(), "On we go.");
    QCOMPARE(service.program.server.violations(), QStringList());
}

void tst_ServeRestart::goesOnUnaskedWhereThatIsWanted()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service, R"(,"on_restart":"resume")");
    QCOMPARE(service.post(sessions(id, "/turns"), R"({"input":"Second"})").status, 202);
    service.kill();
    service.program.server.play({sse::message("m1", "On we go."), sse::completed()});
    service.program.server.play({sse::message("m2", "Second done."), sse::completed()});
    service.start();
    QVERIFY(service.becomes(id, "idle"));
    QByteArrayList turns;
    const JsonDocument page = service.get(sessions(id, "/turns")).json();
    for (const JsonView each : page.root()["data"].items())
        turns += each["reason"].utf8().toByteArray() + ' ' + each["result"]["text"].utf8().toByteArray();
    QCOMPARE(turns, (QByteArrayList{"process_lost ", "final_message Second done.", "final_message On we go."}));
    QCOMPARE(service.program.server.violations(), QStringList());
}

void tst_ServeRestart::doesWhatWasAcknowledgedBefore()
{
    Service service;
    service.start();
    const QByteArray id = busySession(service);
    const Reply queued = service.post(sessions(id, "/turns"), R"({"input":"Second"})");
    const Reply steered = service.post(sessions(id, "/turns"), R"({"input":"Be brief","when_busy":"steer"})");
    QCOMPARE(steered.text("accepted_as"), "steer");
    service.kill();
    service.program.server.play({sse::message("m1", "Second done."), sse::completed()});
    service.start();
    QVERIFY(service.becomes(id, "idle"));
    const Reply turn = service.get(sessions(id, "/turns/" + queued.json().root()["turn"]["id"].utf8().toByteArray()));
    QCOMPARE(turn.json().root()["result"]["text"].utf8(), "Second done.");
    const QByteArray input = service.program.server.requests().back().input();
    QVERIFY(input.contains("Be brief") && input.indexOf("Be brief") < input.indexOf("Second"));
    QCOMPARE(service.program.server.violations(), QStringList());
}

void tst_ServeRestart::interruptsWhatDoesNotEndInTime()
{
    Service service({u"--drain"_s, u"1s"_s});
    service.start();
    const QByteArray id = busySession(service);
    QCOMPARE(service.post(sessions(id, "/turns"), R"({"input":"Second"})").status, 202);
    service.run->send(SIGTERM);
    const auto ready = [&] { return service.get("/readyz").text("code"); };
    QTRY_COMPARE_WITH_TIMEOUT(ready(), "draining", 30'000);
    QCOMPARE(service.post(sessions(id, "/turns"), R"({"input":"Third"})").text("code"), "draining");
    QCOMPARE(service.run->wait().exitCode, 0);
    service.program.server.play({sse::message("m1", "Second done."), sse::completed()});
    service.start();
    QVERIFY(service.becomes(id, "idle"));
    QCOMPARE(service.get(sessions(id, "/turns/t_1")).text("reason"), "interrupted");
    QCOMPARE(service.get(sessions(id, "/turns/t_2")).text("outcome"), "completed");
}

namespace {

/// Follows one session through all deaths of the service, leaving at random.
class Follower
{
public:
    Follower(Service &service, QByteArray id)
        : m_service(service)
        , m_id(std::move(id))
    {}

    void connect()
    {
        m_stream = m_service.stream(sessions(m_id, "/events"),
                                    m_cursor ? "Last-Event-ID: " + QByteArray::number(m_cursor) + "\r\n" : "");
    }
    /// Takes in what came.
    void read()
    {
        const std::vector<SseFrame> frames = m_stream ? sseFrames(m_stream->body()) : std::vector<SseFrame>();
        for (size_t i = m_taken; i < frames.size(); ++i) {
            if (frames[i].id == 0)
                continue;
            seen.push_back(frames[i]);
            m_cursor = frames[i].id;
        }
        m_taken = frames.size();
    }
    void leave()
    {
        read();
        m_stream.reset();
        m_taken = 0;
    }

    std::vector<SseFrame> seen;
    const QByteArray &id() const { return m_id; }

private:
    Service &m_service;
    QByteArray m_id;
    std::unique_ptr<Exchange> m_stream;
    size_t m_taken = 0;
    qint64 m_cursor = 0;
};

} // namespace

/// NIGHTSHIFT_KILLS rounds; NIGHTSHIFT_SEED gives another sequence.
void tst_ServeRestart::losesNothingWhenItIsKilledAtRandom()
{
    const int rounds =
        qEnvironmentVariableIntValue("NIGHTSHIFT_KILLS") > 0 ? qEnvironmentVariableIntValue("NIGHTSHIFT_KILLS") : 20;
    QRandomGenerator random(quint32(qEnvironmentVariableIntValue("NIGHTSHIFT_SEED")) + 1);
    Service service;
    service.program.server.script = [calls = 0](const ScriptedServer::Request &request) mutable {
        const QByteArray call = "c" + QByteArray::number(++calls);
        const bool answered =
            request.input().endsWith("}") && request.input().contains("function_call_output") &&
            request.input().lastIndexOf("function_call_output") > request.input().lastIndexOf("\"role\":\"user\"");
        return ScriptedServer::Answer{
            .body = answered ? sse::stream({sse::message("m" + call, "Done."), sse::completed()})
                             : sse::stream({sse::command(call, "echo " + call), sse::completed()})};
    };
    service.start();
    std::vector<Follower> followers;
    for (int i = 0; i < 3; ++i)
        followers.emplace_back(service, start(service, R"("sandbox":"read-only","title":"load")"));
    QByteArrayList acknowledged;
    for (int round = 0; round < rounds; ++round) {
        for (Follower &each : followers) {
            each.connect();
            const Reply reply = service.post(sessions(each.id(), "/turns"), R"({"input":"Go"})");
            if (reply.status == 202)
                acknowledged += reply.json().root()["turn"]["id"].utf8().toByteArray();
        }
        QTest::qWait(int(random.bounded(60)));
        if (random.bounded(3) == 0)
            followers[random.bounded(quint32(followers.size()))].leave();
        service.kill();
        for (Follower &each : followers)
            each.leave();
        service.start();
    }
    QByteArrayList ended;
    size_t events = 0;
    for (Follower &each : followers) {
        QVERIFY(service.becomes(each.id(), "idle"));
        each.connect();
        const std::vector<SseFrame> log = service.events(each.id());
        QVERIFY(QTest::qWaitFor([&] { return (each.read(), each.seen.size() >= log.size()); }, 30'000));
        QCOMPARE(each.seen, log);
        events += log.size();
        QMap<QByteArray, QByteArrayList> turns;
        for (const SseFrame &frame : log) {
            if (frame.type == "turn.started" || frame.type == "turn.completed" || frame.type == "turn.failed")
                turns[JsonDocument::parse(frame.data)->root()["turn_id"].utf8().toByteArray()] += frame.type;
        }
        for (const QByteArrayList &facts : std::as_const(turns)) {
            QCOMPARE(facts.size(), 2);
            QCOMPARE(facts[0], "turn.started");
        }
        ended += turns.keys();
    }
    for (const QByteArray &turn : std::as_const(acknowledged))
        QVERIFY2(ended.contains(turn), turn);
    QCOMPARE(service.program.server.violations(), QStringList());
    qInfo(
        "after %d kills the clients had seen all %zu events of the logs, each once; %lld turns ended once each, among "
        "them the %lld that were acknowledged",
        rounds, events, qlonglong(ended.size()), qlonglong(acknowledged.size()));
}

QTEST_GUILESS_MAIN(tst_ServeRestart)
#include "tst_serve_restart.moc"
