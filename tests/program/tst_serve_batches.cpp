#include "support/servedbatches.h"
#include <QFile>
#include <QTest>
#include <QXmlStreamReader>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Batches over HTTP, counted in requests at the model's server: what was paid for is not paid again.
class tst_ServeBatches : public QObject
{
    Q_OBJECT

private slots:
    void runsItemsAndTellsOfThem();
    void givesResultsInEveryForm();
    void takesOneLineAnItem();
    void refusesWhatIsWrong_data();
    void refusesWhatIsWrong();
    void isPausedAndGoesOn();
    void waitsForItsLimitToBeRaised();
    void isCancelled_data();
    void isCancelled();
    void runsOnlyWhatIsAskedForAgain();
    void goesOnWhenTheServerWasKilled();
    void isPassedBetweenCommandLineAndService();
    void runsAScriptForAdminsOnly();
    void endsAScriptThatIsLost_data();
    void endsAScriptThatIsLost();
};

using Answer = ScriptedServer::Answer;

void tst_ServeBatches::runsItemsAndTellsOfThem()
{
    Service service;
    service.start();
    service.program.server.script = [](const ScriptedServer::Request &request) {
        return request.body.contains("b-word") ? Answer{.status = 400, .body = "no"} : saying("said");
    };
    const auto changes = service.stream("/v1/events", "Accept: text/event-stream\r\n");
    QVERIFY(changes->shows("\"batches\":[]"));
    const QByteArray batch = made(service, order({"a", "b", "c"}));
    const Reply done = awaited(service, batch);
    QCOMPARE(done.text("outcome"), "completed");
    QCOMPARE(done.text("reason"), "items_failed");
    QCOMPARE(counts(done), "succeeded 2, failed 1");
    QCOMPARE(service.program.server.requests().size(), size_t(3));

    QByteArrayList types;
    for (const SseFrame &frame :
         sseFrames(service.stream(batch + "/events", "Accept: text/event-stream\r\n")->reply().body))
        types += frame.type;
    QCOMPARE(types.first(2), (QByteArrayList{"batch.created", "batch.started"}));
    QCOMPARE(types.count("batch.item.done"), 3);
    QCOMPARE(types.last(2), (QByteArrayList{"batch.done", "end"}));

    const Reply failed = service.get(batch + "/items?status=failed");
    const JsonDocument items = failed.json();
    const JsonView item = items.root()["data"][qsizetype(0)];
    QCOMPARE(item["key"].utf8(), "b");
    QCOMPARE(item["reason"].utf8(), "bad_request");
    const QByteArray session = item["links"]["session"].utf8().toByteArray();
    QCOMPARE(service.get(session).status, 200);
    QCOMPARE(service.get(session + "/turns/last").text("outcome"), "failed");
    QVERIFY(changes->shows("event: batch.done"));
    QVERIFY(changes->shows("event: turn.completed")); // of items' sessions
    QCOMPARE(service.get("/v1/batches?limit=1").json().root()["data"].size(), 1);
    for (const QByteArray &list : {"/v1/batches"_ba, batch + "/items"})
        QCOMPARE(service.get(list + "?status=finished").text("code"), "invalid_parameter");
    QVERIFY(service.get("/metrics").body.contains("\nnightshift_concurrency_limit "));
}

void tst_ServeBatches::givesResultsInEveryForm()
{
    Service service;
    service.start();
    service.program.server.script = stallingAt("a");
    const QByteArray batch = made(service, order({"c", "a", "b"}));
    const auto rows = service.stream(batch + "/results", "Accept: application/jsonl\r\n");
    QVERIFY(rows->shows("\"key\":\"b\"")); // while it runs
    QVERIFY(!rows->isOver());
    const auto ordered = service.stream(batch + "/results?order=input", "Accept: application/jsonl\r\n");
    QCOMPARE(service.post(batch + "/cancel", R"({"mode":"now"})").status, 202);
    QCOMPARE(awaited(service, batch).text("outcome"), "cancelled");
    QCOMPARE(rows->reply().body.count('\n'), 2); // every line is a row
    service.program.server.script = {};
    service.program.server.otherwise = saying("at last");
    QCOMPARE(service.post(batch + "/resume", "{}").status, 202);
    QCOMPARE(counts(awaited(service, batch)), "succeeded 3");
    const QByteArray all =
        service.stream(batch + "/results?order=input", "Accept: application/jsonl\r\n")->reply().body;
    QVERIFY(all.indexOf("\"key\":\"a\"") >= 0 && all.indexOf("\"key\":\"a\"") < all.indexOf("\"key\":\"b\""));
    QVERIFY(service.get(batch + "/results", "Accept: text/csv\r\n").body.startsWith("key,ok,"));
    QXmlStreamReader xml(service.get(batch + "/results", "Accept: application/xml\r\n").body);
    QVERIFY(xml.readNextStartElement());
    QCOMPARE(xml.attributes().value("tests"_L1), "3"_L1);
    QVERIFY(xml.attributes().value("time"_L1).toDouble() > 0);
    while (!xml.atEnd())
        xml.readNext();
    QVERIFY(!xml.hasError());
}

void tst_ServeBatches::takesOneLineAnItem()
{
    Service service;
    service.start();
    service.program.server.otherwise = saying("said");
    const QByteArray defaults = QByteArray(R"({"name":"lines","prompt":"Say {{word}}"})").toPercentEncoding();
    const Reply reply =
        service.post("/v1/batches?defaults=" + defaults, "{\"id\":\"x\",\"word\":\"x-word\"}\n{\"word\":\"y-word\"}\n",
                     {}, "application/jsonl");
    QCOMPARE(reply.status, 202);
    QCOMPARE(counts(awaited(service, "/v1/batches/" + reply.text("id"))), "succeeded 2");
    const JsonDocument items = service.get("/v1/batches/" + reply.text("id") + "/items").json();
    QCOMPARE(items.root()["data"][qsizetype(0)]["key"].utf8(), "x");
    QCOMPARE(items.root()["data"][qsizetype(1)]["key"].utf8(), "item-2");
}

void tst_ServeBatches::refusesWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<QByteArray>("pointer");
    const auto row = [](const char *name, const char *body, const char *code, const char *pointer) {
        QTest::newRow(name) << QByteArray(body) << QByteArray(code) << QByteArray(pointer);
    };
    row("no JSON", "{", "invalid_json", "");
    row("limit", R"({"prompt":"x","items":[{}],"limits":{"cost_usd":-1}})", "validation_failed", "/limits/cost_usd");
    row("template", R"({"prompt":"{{x}}","items":[{}]})", "validation_failed", "/items/0");
    row("file", R"({"prompt":"{{file:/etc/passwd}}","items":[{}]})", "validation_failed", "/items/0");
    row("folder", R"({"prompt":"x","items":[{}],"session":{"cwd":"/"}})", "root_not_allowed", "");
    row("image elsewhere", R"({"prompt":"x","items":[{}],"session":{"attachments":["../x.png"]}})", "validation_failed",
        "/session/attachments");
    row("webhook", R"({"prompt":"x","items":[{}],"webhook":"wh_none"})", "validation_failed", "/webhook");
}

void tst_ServeBatches::refusesWhatIsWrong()
{
    QFETCH(const QByteArray, body);
    QFETCH(const QByteArray, code);
    QFETCH(const QByteArray, pointer);
    Service service;
    service.start();
    const Reply reply = service.post("/v1/batches", body);
    QCOMPARE(reply.text("code"), code);
    QCOMPARE(reply.json().root()["errors"][qsizetype(0)]["pointer"].utf8().toByteArray(), pointer);
    QCOMPARE(service.get("/v1/batches").json().root()["data"].size(), 0);
}

void tst_ServeBatches::isPausedAndGoesOn()
{
    Service service;
    service.start();
    service.program.server.script = [](const ScriptedServer::Request &) {
        return Answer{.body = sse::stream({sse::created(), sse::message("m", "so far")}), .end = Answer::End::Stall};
    };
    const QByteArray batch = made(service, order({"a", "b", "c"}, R"(,"limits":{"concurrency":1})"));
    QTRY_COMPARE_WITH_TIMEOUT(service.program.server.requests().size(), size_t(1), 30'000);
    QCOMPARE(service.send("PATCH", batch, R"({"paused":true,"concurrency":2})").text("status"), "paused");
    QCOMPARE(service.get(batch).json().root()["limits"]["concurrency"].toInteger(), 2);
    QCOMPARE(service.post(batch + "/resume", "{}").text("code"), "busy");
    QCOMPARE(service.program.server.requests().size(), size_t(1));
    QCOMPARE(service.send("PATCH", batch, R"({"paused":false})").text("status"), "running");
    QTRY_COMPARE_WITH_TIMEOUT(service.program.server.requests().size(), size_t(2), 30'000);
    QCOMPARE(service.get(batch).json().root()["counts"]["running"].toInteger(), 2);
}

void tst_ServeBatches::waitsForItsLimitToBeRaised()
{
    Service service({u"-c"_s, u"models.\"gpt-test\".price={input=1000, output=1000}"_s});
    service.start();
    service.program.server.otherwise = saying("said");
    const QByteArray batch = made(
        service, order({"a", "b", "c"}, R"(,"session":{"model":"gpt-test"},"limits":{"concurrency":1,"cost_usd":0.15},)"
                                        R"("on_limit":"pause")"));
    const Reply paused = awaited(service, batch, "paused");
    QCOMPARE(paused.text("reason"), "batch.cost_usd");
    const size_t before = service.program.server.requests().size();
    QVERIFY(before < 3);
    QCOMPARE(service.send("PATCH", batch, R"({"cost_usd":50})").status, 200);
    QCOMPARE(counts(awaited(service, batch)), "succeeded 3");
    QCOMPARE(asked(service, "a"), 1);
}

void tst_ServeBatches::isCancelled_data()
{
    QTest::addColumn<QByteArray>("mode");
    QTest::addColumn<QByteArray>("counted");
    QTest::newRow("when what runs is done") << "finish_running"_ba << "succeeded 1, cancelled 1"_ba;
    QTest::newRow("now") << "now"_ba << "cancelled 2"_ba;
}

void tst_ServeBatches::isCancelled()
{
    QFETCH(const QByteArray, mode);
    QFETCH(const QByteArray, counted);
    Service service;
    service.start();
    service.program.server.play(
        {sse::command("c1", "touch started; until [ -e go ]; do sleep 0.05; done"), sse::completed()});
    service.program.server.otherwise = saying("said");
    const QByteArray batch =
        made(service, order({"a", "b"}, R"(,"session":{"sandbox":"danger-full-access"},"limits":{"concurrency":1})"));
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(service.program.work() + u"/started"_s), 30'000);
    QCOMPARE(service.post(batch + "/cancel", json::object({{"mode", mode}}).text).status, 202);
    if (mode == "finish_running")
        service.program.write(u"go"_s, "");
    const Reply done = awaited(service, batch);
    QCOMPARE(done.text("outcome"), "cancelled");
    QCOMPARE(done.text("reason"), "cancelled_by_user");
    QCOMPARE(counts(done), counted);
    QCOMPARE(service.post(batch + "/cancel", "{}").status, 200); // nothing is left to cancel
    QCOMPARE(asked(service, "b"), 0);
}

void tst_ServeBatches::runsOnlyWhatIsAskedForAgain()
{
    Service service;
    service.start();
    service.program.server.script = [](const ScriptedServer::Request &request) {
        if (request.body.contains("c-word"))
            return stalling();
        return request.body.contains("b-word") ? Answer{.status = 400, .body = "no"} : saying("said");
    };
    const QByteArray batch = made(service, order({"a", "b", "c"}, R"(,"limits":{"concurrency":1})"));
    QTRY_COMPARE_WITH_TIMEOUT(asked(service, "c"), 1, 60'000);
    QCOMPARE(service.post(batch + "/cancel", R"({"mode":"now"})").status, 202);
    QCOMPARE(counts(awaited(service, batch)), "succeeded 1, failed 1, cancelled 1");
    service.program.server.script = {};
    service.program.server.otherwise = saying("said");
    QCOMPARE(service.post(batch + "/resume", R"({"retry":["failed"]})").status, 202);
    QCOMPARE(counts(awaited(service, batch)), "succeeded 2, cancelled 1");
    QCOMPARE(askedEach(service, {"a", "b", "c"}), QList<qsizetype>({1, 2, 1}));
    QCOMPARE(service.post(batch + "/resume", R"({"retry":["cancelled"]})").status, 202);
    QCOMPARE(counts(awaited(service, batch)), "succeeded 3");
    QCOMPARE(askedEach(service, {"a", "b", "c"}), QList<qsizetype>({1, 2, 2}));
    const QByteArray rows = service.stream(batch + "/results", "Accept: application/jsonl\r\n")->reply().body;
    QCOMPARE(rows.count('\n'), 3); // no key twice
    QCOMPARE(service.program.server.violations(), QStringList());
}

void tst_ServeBatches::goesOnWhenTheServerWasKilled()
{
    Service service;
    const QByteArray batch = madeToStall(service);
    service.kill();
    endedAfterAll(service, batch);
    const Reply events = service.get(batch + "/events?types=batch.item.done,batch.done,batch.started");
    const JsonDocument page = events.json();
    QCOMPARE(page.root()["data"].size(), 5); // begun once, three items, one end
}

void tst_ServeBatches::isPassedBetweenCommandLineAndService()
{
    Service service;
    Program &program = service.program;
    program.write(u"items.csv"_s, "id,word\na,a-word\nb,b-word\n");
    program.server.script = [](const ScriptedServer::Request &request) {
        return request.body.contains("b-word") ? Answer{.status = 400, .body = "no"} : saying("said");
    };
    QCOMPARE(program.run({u"batch"_s, u"--input"_s, u"items.csv"_s, u"--prompt"_s, u"Say {{word}}"_s}).exitCode, 1);
    service.start();
    const JsonDocument listed = service.get("/v1/batches").json();
    const QByteArray id = listed.root()["data"][qsizetype(0)]["id"].utf8().toByteArray();
    const QByteArray batch = "/v1/batches/" + id;
    QCOMPARE(counts(service.get(batch)), "succeeded 1, failed 1");
    QCOMPARE(service.get(batch).text("outcome"), "completed");
    program.server.script = {};
    program.server.play(Answer{.status = 400, .body = "no"});
    program.server.otherwise = saying("said");
    QCOMPARE(service.post(batch + "/resume", R"({"retry":["failed"]})").status, 202);
    QTRY_COMPARE_WITH_TIMEOUT(asked(service, "b"), 2, 60'000);
    QCOMPARE(counts(awaited(service, batch)), "succeeded 1, failed 1");
    const Ended again = program.run({u"batch"_s, QString::fromLatin1(id), u"--retry"_s, u"failed"_s});
    QVERIFY2(again.exitCode == 0, again.err);
    QTRY_COMPARE_WITH_TIMEOUT(counts(service.get(batch)), "succeeded 2", 30'000);
    QCOMPARE(askedEach(service, {"a", "b"}), QList<qsizetype>({1, 3}));
}

void tst_ServeBatches::runsAScriptForAdminsOnly()
{
    Service service({u"--listen"_s, u"127.0.0.1:0"_s});
    service.start();
    service.program.server.otherwise = saying("said");
    const QByteArray body =
        json::object({{"args", RawJson{R"({"word":"x-word"})"}},
                      {"script", "import { run } from 'nightshift';\nexport default ({ args }) =>\n"
                                 "  run({ key: 'x', prompt: 'Say ' + args.word }).then(r => ({ said: r.text }));\n"}})
            .text;
    const QByteArray batch = made(service, body);
    const Reply done = awaited(service, batch);
    QVERIFY2(done.text("outcome") == "completed", done.body);
    const JsonDocument object = done.json();
    QCOMPARE(object.root()["result"].raw().text, R"({"said":"said"})");
    QCOMPARE(counts(done), "succeeded 1");
    QCOMPARE(asked(service, "x"), 1);
    const Ended added = service.program.run({u"serve"_s, u"token"_s, u"add"_s, u"ci"_s, u"run"_s, u"read"_s});
    service.token = added.out.trimmed();
    QCOMPARE(service.post("/v1/batches", body).text("code"), "scope_missing");
}

void tst_ServeBatches::endsAScriptThatIsLost_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::newRow("in an endless loop") << "export default () => { for (;;); }"_ba;
    QTest::newRow("out of memory")
        << "export default () => { const all = []; for (;;) all.push(new Array(100000).fill(all.length)); }"_ba;
}

void tst_ServeBatches::endsAScriptThatIsLost()
{
    QFETCH(const QByteArray, script);
    Service service;
    service.start();
    const QByteArray batch = made(service, scriptOrder(script, R"({"idle_s":5})"));
    const Reply done = awaited(service, batch);
    QCOMPARE(done.text("outcome"), "failed");
    QCOMPARE(done.text("reason"), "script_error");
    QVERIFY2(done.text("message").contains("memory"), done.body);
    QCOMPARE(service.get("/readyz").status, 200);
}

QTEST_GUILESS_MAIN(tst_ServeBatches)
#include "tst_serve_batches.moc"
