#include "support/service.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// A session's events over HTTP: pages, streams, cursors.
class tst_ServeEvents : public QObject
{
    Q_OBJECT

private slots:
    void numbersEveryEventByItsLine();
    void tellsTheSameByPageAndByStream();
    void goesOnBehindACursor();
    void showsWhatIsUnderWayToThoseWhoComeLate();
    void endsWhereItWasAskedTo();
    void leavesOutWhatWasNotAskedFor();
    void fillsAPageWithWhatWasAskedFor();
    void waitsForAnEvent();
    void waitsForTheEndOfATurn();
    void sendsLinesOfJson();
    void tellsOfAllSessions();
    void chainsTheLogsOfAnAudit();
};

static QByteArrayList answer(const QByteArray &text)
{
    return {sse::message("m1", text), sse::completed()};
}

static QByteArray start(Service &service, const QByteArray &more)
{
    return service.create(R"("cwd":")" + service.program.work().toUtf8() + "\"," + more);
}

static QByteArray events(const QByteArray &id, const QByteArray &query = {})
{
    return "/v1/sessions/" + id + "/events" + query;
}

/// A session with one turn that ran a command.
static QByteArray endedSession(Service &service)
{
    service.program.server.play(
        {sse::reasoning("r1", "**Looking**"), sse::command("c1", "echo out"), sse::completed()});
    service.program.server.play(answer("Done."));
    const QByteArray id = start(service, R"("input":"Look","sandbox":"danger-full-access")");
    [&] { QVERIFY(service.becomes(id, "idle")); }();
    return id;
}

static QByteArrayList typesOf(const std::vector<SseFrame> &frames)
{
    QByteArrayList types;
    for (const SseFrame &frame : frames)
        types += frame.type;
    return types;
}

void tst_ServeEvents::numbersEveryEventByItsLine()
{
    Service service;
    service.start();
    const QByteArray id = endedSession(service);
    const std::vector<SseFrame> told = service.events(id);
    QCOMPARE(typesOf(told),
             (QByteArrayList{"session.created", "input.accepted", "turn.queued", "thread.started", "turn.started",
                             "item.completed", "item.started", "item.completed", "item.completed", "turn.completed"}));
    const std::vector<JsonDocument> lines = service.program.log();
    const QByteArray turn = service.get("/v1/sessions/" + id + "/turns/last").text("id");
    for (const SseFrame &frame : told) {
        const auto event = JsonDocument::parse(frame.data);
        const JsonView line = lines.at(size_t(frame.id - 1)).root();
        QCOMPARE(event->root()["time"].utf8(), line["timestamp"].utf8());
        QCOMPARE(event->root()["session_id"].utf8(), id);
        QCOMPARE(event->root()["turn_id"].utf8(), frame.type == "session.created" ? "" : turn);
    }
    const QByteArray last = service.plain(told.back().data);
    QCOMPARE(last.first(last.indexOf(",\"seq\"")),
             R"({"type":"turn.completed","usage":{"input_tokens":2000,"cached_input_tokens":1200,)"
             R"("cache_write_input_tokens":0,"output_tokens":100,"reasoning_output_tokens":20})");
    service.kill();
    service.start();
    QCOMPARE(service.events(id), told);
}

void tst_ServeEvents::tellsTheSameByPageAndByStream()
{
    Service service;
    service.start();
    service.program.server.play({sse::command("c1", "echo one; echo two"), sse::completed()});
    service.program.server.play(answer("Done."));
    const QByteArray id = start(service, R"("input":"Look","sandbox":"danger-full-access")");
    const auto stream = service.stream(events(id, "?until=idle"));
    std::vector<SseFrame> told = sseFrames(stream->reply().body);
    QCOMPARE(told.back().type, "end");
    QVERIFY(told.back().data.contains(R"("reason":"idle")"));
    told.pop_back();
    std::erase_if(told, [](const SseFrame &frame) { return frame.id == 0; });
    QCOMPARE(told, service.events(id));
}

void tst_ServeEvents::goesOnBehindACursor()
{
    Service service;
    service.start();
    const QByteArray id = endedSession(service);
    const std::vector<SseFrame> all = service.events(id);
    const QByteArray cursor = QByteArray::number(all[4].id);
    const std::vector<SseFrame> rest(all.begin() + 5, all.end());
    for (const auto &[query, field] :
         {std::pair<QByteArray, QByteArray>{"&after=" + cursor, ""}, {"", "Last-Event-ID: " + cursor + "\r\n"}}) {
        std::vector<SseFrame> told = sseFrames(service.stream(events(id, "?until=idle" + query), field)->reply().body);
        told.pop_back();
        QCOMPARE(told, rest);
    }
    QCOMPARE(service.get(events(id, "?after=100000")).text("code"), "cursor_ahead");
    const auto ahead = service.stream(events(id, "?until=idle&after=100000"));
    const std::vector<SseFrame> anew = sseFrames(ahead->reply().body);
    QCOMPARE(anew[0].type, "reset");
    QCOMPARE(anew[1], all[0]);
    const Reply page = service.get(events(id, "?limit=3"));
    QCOMPARE(page.json().root()["data"].size(), 3);
    QCOMPARE(page.number("next"), all[2].id);
    QCOMPARE(page.number("last_seq"), all.back().id);
}

void tst_ServeEvents::showsWhatIsUnderWayToThoseWhoComeLate()
{
    Service service;
    service.start();
    service.program.server.play(
        {sse::command("c1", "echo early; touch started; until [ -e go ]; do sleep 0.05; done; echo late"),
         sse::completed()});
    service.program.server.play(answer("Done."));
    const QByteArray id = start(service, R"("input":"Look","sandbox":"danger-full-access")");
    QTRY_COMPARE_WITH_TIMEOUT(service.program.read(u"started"_s), "", 30'000);
    const auto early = service.stream(events(id, "?until=idle"));
    QVERIFY(early->shows("early"));
    const auto late = service.stream(events(id, "?until=idle&after=last"));
    QVERIFY(late->shows("event: item.snapshot"));
    QVERIFY(late->body().contains(R"("aggregated_output":"early\n","exit_code":null,"status":"in_progress"})"));
    service.program.write(u"go"_s, "");
    const std::vector<SseFrame> told = sseFrames(late->reply().body);
    QVERIFY(typesOf(told).contains("output.delta"));
    QCOMPARE(told.back().type, "end");
    early->leave();
}

void tst_ServeEvents::endsWhereItWasAskedTo()
{
    Service service;
    service.start();
    const QByteArray id = endedSession(service);
    const qint64 end = service.events(id).back().id;
    const QByteArray past = QByteArray::number(end);
    QCOMPARE(service.stream(events(id, "?until=idle&after=" + past))->reply().status, 204);
    QCOMPARE(service.stream(events(id, "?until=turn:last&after=" + past))->reply().status, 204);
    const Reply whole = service.stream(events(id, "?until=turn:t_1"))->reply();
    QVERIFY(whole.body.endsWith("event: end\ndata: {\"type\":\"end\",\"reason\":\"turn_done\",\"last_seq\":" + past +
                                "}\n\n"));
    QCOMPARE(service.get(events(id, "?until=turn:t_9")).text("code"), "invalid_parameter");
    QCOMPARE(service.get(events(id, "?until=noon")).text("code"), "invalid_parameter");
    QVERIFY(service.get(events(id, "?until=idle")).json().root()["done"].toBool());
    QVERIFY(!service.get(events(id)).json().root()["done"].toBool());
}

void tst_ServeEvents::leavesOutWhatWasNotAskedFor()
{
    Service service;
    service.start();
    const QByteArray id = endedSession(service);
    std::vector<SseFrame> told = sseFrames(service.stream(events(id, "?until=idle&types=turn.*"))->reply().body);
    told.pop_back();
    QCOMPARE(typesOf(told), (QByteArrayList{"turn.queued", "turn.started", "turn.completed"}));
}

static QByteArrayList typesOf(const Reply &page)
{
    QByteArrayList types;
    for (const JsonDocument json = page.json(); const JsonView event : json.root()["data"].items())
        types += event["type"].utf8().toByteArray();
    return types;
}

void tst_ServeEvents::fillsAPageWithWhatWasAskedFor()
{
    Service service;
    service.start();
    const QByteArray id = endedSession(service);
    QByteArrayList told;
    qint64 after = 0;
    for (int i = 0; i < 3; ++i) {
        const Reply page = service.get(events(id, "?types=turn.*&limit=1&after=" + QByteArray::number(after)));
        told += typesOf(page);
        after = page.number("next");
    }
    QCOMPARE(told, (QByteArrayList{"turn.queued", "turn.started", "turn.completed"}));
    QCOMPARE(typesOf(service.get(events(id, "?types=turn.*&limit=2"))), told.first(2));
}

constexpr auto patiently = "Prefer: wait=600\r\n";

void tst_ServeEvents::waitsForAnEvent()
{
    Service service;
    service.start();
    const QByteArray id = endedSession(service);
    const auto next = service.open("GET", events(id, "?after=last"), {}, patiently);
    const auto ofTurns = service.open("GET", events(id, "?after=last&types=turn.completed"), {}, patiently);
    const auto ofAll = service.open("GET", "/v1/events?types=turn.completed", {}, patiently);
    const auto toTheEnd = service.open("GET", events(id, "?after=last&types=error"), {}, patiently);
    service.open("GET", events(id, "?after=last"), {}, patiently)->leave();
    const Reply inVain = service.get(events(id, "?after=last"), "Prefer: wait=1\r\n");
    QCOMPARE(typesOf(inVain), QByteArrayList());
    QCOMPARE(inVain.field("preference-applied"), "wait");
    QVERIFY(!next->isOver());
    service.program.server.play(answer("Again."));
    QCOMPARE(service.post("/v1/sessions/" + id + "/turns", R"({"input":"On"})").status, 202);
    QCOMPARE(typesOf(next->reply()).value(0), "input.accepted");
    for (const auto &each : {&ofTurns, &ofAll})
        QCOMPARE(typesOf((*each)->reply()), QByteArrayList{"turn.completed"});
    const Reply atOnce = service.get(events(id), patiently);
    QCOMPARE(typesOf(atOnce).value(0), "session.created");
    QCOMPARE(atOnce.field("preference-applied"), "wait");
    QVERIFY(service.becomes(id, "idle"));
    QVERIFY(!toTheEnd->isOver());
    QCOMPARE(service.send("DELETE", "/v1/sessions/" + id).status, 204);
    QVERIFY(toTheEnd->reply().json().root()["done"].toBool());
}

void tst_ServeEvents::waitsForTheEndOfATurn()
{
    Service service;
    service.start();
    for (const QByteArrayList &said :
         {QByteArrayList{sse::command("c1", "until [ -e go ]; do sleep 0.05; done"), sse::completed()},
          answer("Done.")})
        service.program.server.play(said);
    const QByteArray id = start(service, R"("input":"Look","sandbox":"danger-full-access")");
    const QByteArray turn = "/v1/sessions/" + id + "/turns/last";
    const Reply early = service.get(turn, "Prefer: wait=0\r\n");
    QVERIFY2(early.text("status") != "done", early.body);
    const auto waiting = service.open("GET", turn, {}, patiently);
    service.program.write(u"go"_s, "");
    const Reply ended = waiting->reply();
    QCOMPARE(ended.text("outcome"), "completed");
    QCOMPARE(ended.field("preference-applied"), "wait");
    QCOMPARE(service.get(turn, patiently).text("outcome"), "completed");
}

void tst_ServeEvents::sendsLinesOfJson()
{
    Service service;
    service.start();
    const QByteArray id = endedSession(service);
    const Reply lines = service.get(events(id, "?until=idle"), "Accept: application/jsonl\r\n");
    QCOMPARE(lines.field("content-type"), "application/jsonl");
    QCOMPARE(lines.body.count('\n'), qsizetype(service.events(id).size()) + 1);
}

void tst_ServeEvents::tellsOfAllSessions()
{
    Service service;
    service.start();
    const auto stream = service.stream("/v1/events?types=snapshot,turn.*");
    QVERIFY(stream->shows(R"({"type":"snapshot","sessions":[],"batches":[]})"));
    const QByteArray first = endedSession(service), second = endedSession(service);
    QVERIFY(stream->shows(second));
    QTRY_COMPARE_WITH_TIMEOUT(stream->body().count("event: turn.completed"), 2, 30'000);
    QVERIFY(stream->body().contains(first));
    QVERIFY(!stream->body().contains("id: "));
}

void tst_ServeEvents::chainsTheLogsOfAnAudit()
{
    Service service({u"--audit"_s});
    service.start();
    const QByteArray id = endedSession(service);
    for (const SseFrame &event : service.events(id))
        QVERIFY2(event.data.contains(",\"prev\":\"sha256:"), event.data);
    QCOMPARE(service.stop().exitCode, 0);
    const Ended verified = service.program.run({u"sessions"_s, u"verify"_s, QString::fromLatin1(id)});
    QCOMPARE(verified.out, "1 session: nothing is wrong\n");
}

QTEST_GUILESS_MAIN(tst_ServeEvents)
#include "tst_serve_events.moc"
