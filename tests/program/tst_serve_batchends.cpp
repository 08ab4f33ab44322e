#include "support/servedbatches.h"
#include <QFile>
#include <QRandomGenerator>
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// How batches over HTTP end before their time, and go on: budgets, signals, kills, and what the command line began.
class tst_ServeBatchEnds : public QObject
{
    Q_OBJECT

private slots:
    void spendsNoMoreThanATokensBudget();
    void chargesATokenOnceForWhatAKillCutOff();
    void staysInTheRootsOfItsToken();
    void pausesAScript();
    void letsAScriptFinishWhatRuns();
    void runsOnlyWhatIsAskedForAgainOfAScript();
    void drainsAndGoesOn();
    void endsWithItsProcessOfTheCommandLine();
    void goesOnWithAPartOfTheCommandLine();
    void goesOnWithAScriptOfTheCommandLine();
    void survivesKills();
};

using Answer = ScriptedServer::Answer;
using Request = ScriptedServer::Request;

/// Items one by one, named and asked as the others here.
static QByteArray runningEach(const QByteArray &keys, const QByteArray &options = {})
{
    return "import { map, run } from 'nightshift';\n"
           "export default async () => (await map(" +
           keys + ", key => run({ key, prompt: `Say ${key}-word`" + options +
           " }), { concurrency: 1 })).filter(r => r.ok).length;\n";
}

static const QString usualPrice = u"models.\"gpt-test\".price={input=1000, output=1000}"_s;

/// A request costs 0.11 USD, the budget allows for three: two of the first batch leave one to the second.
void tst_ServeBatchEnds::spendsNoMoreThanATokensBudget()
{
    Service service({u"--listen"_s, u"127.0.0.1:0"_s, u"-c"_s, usualPrice});
    service.start();
    service.token =
        service.addToken({u"run"_s, u"read"_s, u"--budget-usd"_s, u"0.3"_s, u"--sandbox"_s, u"danger-full-access"_s});
    service.program.server.script = [](const Request &request) {
        const bool waits = request.body.contains("b-word") && !request.body.contains("function_call_output");
        return waits
                   ? Answer{.body =
                                sse::stream({sse::created(), sse::command("c1", "until [ -e go ]; do sleep 0.05; done"),
                                             sse::completed(100, 0, 10, 0)})}
                   : saying("said");
    };
    const QByteArray more =
        R"(,"session":{"model":"gpt-test","sandbox":"danger-full-access"},"limits":{"concurrency":1})";
    const QByteArray first = made(service, order({"a", "b", "c"}, more));
    QTRY_VERIFY_WITH_TIMEOUT(service.program.read(u"../state/serve/spending.json"_s).contains("0.22"), 60'000);
    const Reply second = awaited(service, made(service, order({"x", "y", "z"}, more)));
    QCOMPARE(second.text("outcome"), "limit");
    QCOMPARE(askedEach(service, {"x", "y", "z"}), QList<qsizetype>({1, 0, 0}));
    service.program.write(u"go"_s, "");
    const Reply done = awaited(service, first);
    QCOMPARE(done.text("outcome"), "limit");
    QCOMPARE(asked(service, "c"), 0);
    QCOMPARE(service.post("/v1/batches", order({"n"}, more)).text("code"), "limit_cost");
}

/// Two requests of 0.11 USD each, between which the batch's process is killed.
void tst_ServeBatchEnds::chargesATokenOnceForWhatAKillCutOff()
{
    Service service({u"--listen"_s, u"127.0.0.1:0"_s, u"-c"_s, usualPrice});
    service.start();
    service.token = service.addToken({u"run"_s, u"read"_s, u"--budget-usd"_s, u"5"_s});
    ScriptedServer &server = service.program.server;
    server.play(
        Answer{.body = sse::stream({sse::created(), sse::command("c1", "true"), sse::completed(100, 0, 10, 0)})});
    server.otherwise = stalling();
    const QByteArray batch = made(service, order({"a"}, R"(,"session":{"model":"gpt-test"})"));
    QTRY_COMPARE_WITH_TIMEOUT(asked(service, "a"), 2, 60'000);
    const auto spent = [&] { return service.program.read(u"../state/serve/spending.json"_s); };
    QTRY_VERIFY_WITH_TIMEOUT(spent().contains("0.11"), 60'000);
    for (const QByteArray &process : processesWith(batch.sliced(batch.lastIndexOf('/') + 1)))
        ::kill(process.split(':').first().toInt(), SIGKILL);
    QCOMPARE(awaited(service, batch).text("outcome"), "failed");
    server.otherwise = saying("said");
    QCOMPARE(service.post(batch + "/resume", "{}").status, 202);
    const JsonDocument done = awaited(service, batch).json();
    QCOMPARE(done.root()["outcome"].utf8(), "completed");
    QCOMPARE(done.root()["usage"]["input_tokens"].toInteger(), 200);
    QCOMPARE(asked(service, "a"), 3);
    const auto usd = JsonDocument::parse(spent());
    QVERIFY2(usd && usd->root().members().size() == 1, spent());
    QCOMPARE(qRound(usd->root().members().front().second.toDouble() * 100), 22);
}

void tst_ServeBatchEnds::staysInTheRootsOfItsToken()
{
    Service service({u"--listen"_s, u"127.0.0.1:0"_s});
    service.program.server.otherwise = saying("said");
    service.program.write(u"inner/file"_s, "");
    service.start();
    const QByteArray inner = service.addToken({u"run"_s, u"read"_s, u"--root"_s, u"inner"_s});
    service.token = service.addToken({u"run"_s, u"read"_s});
    const QByteArray others = made(service, order({"a"}));
    service.token = inner;
    QCOMPARE(service.post("/v1/batches", order({"b"})).text("code"), "root_not_allowed");
    QCOMPARE(service.get(others).status, 404);
    QCOMPARE(service.post(others + "/cancel", "{}").status, 404);
    QCOMPARE(service.get("/v1/batches").json().root()["data"].size(), 0);
    const QByteArray cwd = json::string(QStringView(service.program.work() + u"/inner"_s)).text;
    const QByteArray own = made(service, order({"c"}, R"(,"session":{"cwd":)" + cwd + "}"));
    QCOMPARE(counts(awaited(service, own)), "succeeded 1");
    QCOMPARE(service.get("/v1/batches").json().root()["data"].size(), 1);
}

void tst_ServeBatchEnds::pausesAScript()
{
    Service service;
    service.start();
    service.program.server.script = [](const Request &) { // those that come later wait for the first word of the first
        return Answer{.body = sse::stream({sse::created(), sse::message("m", "so far")}), .end = Answer::End::Stall};
    };
    const QByteArray batch = made(service, scriptOrder("import { map, run } from 'nightshift';\n"
                                                       "export default () => map(['a', 'b'], key => run({ key, prompt: "
                                                       "`Say ${key}-word` }));\n",
                                                       R"({"concurrency":1})"));
    QTRY_COMPARE_WITH_TIMEOUT(asked(service, "a"), 1, 60'000);
    QCOMPARE(service.send("PATCH", batch, R"({"paused":true,"concurrency":2})").text("status"), "paused");
    QCOMPARE(asked(service, "b"), 0);
    QCOMPARE(service.send("PATCH", batch, R"({"paused":false})").text("status"), "running");
    QTRY_COMPARE_WITH_TIMEOUT(asked(service, "b"), 1, 60'000);
}

void tst_ServeBatchEnds::letsAScriptFinishWhatRuns()
{
    Service service({u"-c"_s, u"sandbox_mode=\"danger-full-access\""_s}); // of which a script has no more
    service.start();
    service.program.server.play(
        {sse::command("c1", "touch started; until [ -e go ]; do sleep 0.05; done"), sse::completed()});
    service.program.server.otherwise = saying("said");
    const QByteArray batch = made(service, scriptOrder(runningEach("['a', 'b']", ", sandbox: 'danger-full-access'")));
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(service.program.work() + u"/started"_s), 60'000);
    QCOMPARE(service.post(batch + "/cancel", R"({"mode":"finish_running"})").status, 202);
    service.program.write(u"go"_s, "");
    const Reply done = awaited(service, batch);
    QVERIFY2(done.text("outcome") == "cancelled", done.body);
    QCOMPARE(counts(done), "succeeded 1");
    QCOMPARE(askedEach(service, {"a", "b"}), QList<qsizetype>({2, 0}));
}

void tst_ServeBatchEnds::runsOnlyWhatIsAskedForAgainOfAScript()
{
    Service service;
    service.start();
    service.program.server.script = [](const Request &request) {
        if (request.body.contains("c-word"))
            return Answer{.status = 404, .body = "no such model"};
        return request.body.contains("b-word") ? Answer{.status = 400, .body = "no"} : saying("said");
    };
    const QByteArray batch = made(service, scriptOrder(runningEach("['a', 'b', 'c']")));
    QCOMPARE(counts(awaited(service, batch)), "succeeded 1, failed 2");
    service.program.server.script = {};
    service.program.server.otherwise = saying("said");
    const JsonDocument items = service.get(batch + "/items?status=failed").json();
    const QByteArray reason = items.root()["data"][qsizetype(1)]["reason"].utf8().toByteArray();
    QVERIFY(reason != "bad_request");
    const auto resume = [&](const QByteArray &what) {
        QCOMPARE(service.post(batch + "/resume", "{\"retry\":[\"" + what + "\"]}").status, 202);
    };
    resume("cancelled");
    QCOMPARE(counts(awaited(service, batch)), "succeeded 1, failed 2");
    resume("reason=bad_request");
    QCOMPARE(counts(awaited(service, batch)), "succeeded 2, failed 1");
    resume("failed");
    QCOMPARE(counts(awaited(service, batch)), "succeeded 3");
    QCOMPARE(askedEach(service, {"a", "b", "c"}), QList<qsizetype>({1, 2, 2}));
    QCOMPARE(service.post(batch + "/resume", R"({"retry":["some"]})").text("code"), "validation_failed");
}

void tst_ServeBatchEnds::drainsAndGoesOn()
{
    Service service;
    const QByteArray batch = madeToStall(service);
    QCOMPARE(service.stop().exitCode, 0);
    QCOMPARE(processesWith(batch.sliced(batch.lastIndexOf('/') + 1)), QByteArrayList());
    endedAfterAll(service, batch);
}

static const QStringList usualTable{u"batch"_s, u"--input"_s, u"items.csv"_s, u"--prompt"_s, u"Say {{word}}"_s};

static void writeTable(const Program &program, const QByteArrayList &keys)
{
    QByteArray csv = "id,word\n";
    for (const QByteArray &key : keys)
        csv += key + ',' + key + "-word\n";
    program.write(u"items.csv"_s, csv);
}

/// The path of the only batch that there is.
static QByteArray onlyBatch(Service &service)
{
    const JsonDocument listed = service.get("/v1/batches").json();
    return "/v1/batches/" + listed.root()["data"][qsizetype(0)]["id"].utf8().toByteArray();
}

void tst_ServeBatchEnds::endsWithItsProcessOfTheCommandLine()
{
    Service service;
    Program &program = service.program;
    writeTable(program, {"a", "b"});
    program.server.script = stallingAt("b");
    const auto run = program.launch(usualTable + QStringList{u"-j"_s, u"1"_s});
    QTRY_COMPARE_WITH_TIMEOUT(asked(service, "b"), 1, 60'000);
    service.start();
    const QByteArray batch = onlyBatch(service);
    QCOMPARE(service.get(batch).text("status"), "running");
    QCOMPARE(service.post(batch + "/resume", "{}").text("code"), "busy");
    run->send(SIGKILL);
    run->wait();
    const Reply lost = awaited(service, batch);
    QCOMPARE(lost.text("outcome"), "interrupted");
    QCOMPARE(lost.text("reason"), "process_lost");
    program.server.script = {};
    program.server.otherwise = saying("said");
    QCOMPARE(service.post(batch + "/resume", "{}").status, 202);
    QCOMPARE(counts(awaited(service, batch)), "succeeded 2");
    QCOMPARE(askedEach(service, {"a", "b"}), QList<qsizetype>({1, 2}));
}

void tst_ServeBatchEnds::goesOnWithAPartOfTheCommandLine()
{
    Service service;
    writeTable(service.program, {"a", "b", "c"});
    service.program.server.otherwise = saying("said");
    QCOMPARE(service.program.run(usualTable + QStringList{u"--shard"_s, u"2/2"_s}).exitCode, 0);
    service.start();
    const QByteArray batch = onlyBatch(service);
    QCOMPARE(service.get(batch).json().root()["counts"]["total"].toInteger(), 3);
    QCOMPARE(service.post(batch + "/resume", "{}").status, 202);
    QCOMPARE(counts(awaited(service, batch)), "succeeded 3");
    QCOMPARE(askedEach(service, {"a", "b", "c"}), QList<qsizetype>({1, 1, 1}));
}

void tst_ServeBatchEnds::goesOnWithAScriptOfTheCommandLine()
{
    Service service;
    Program &program = service.program;
    program.write(u"scripts/keys.js"_s, "export const keys = ['a', 'b'];\n");
    program.write(u"scripts/s.js"_s, "import { keys } from './keys.js';\n" + runningEach("keys"));
    program.server.script = [](const Request &request) {
        return request.body.contains("b-word") ? Answer{.status = 400, .body = "no"} : saying("said");
    };
    QCOMPARE(program.run({u"batch"_s, u"scripts/s.js"_s}).exitCode, 1);
    program.server.script = {};
    program.server.otherwise = saying("said");
    service.start();
    const QByteArray batch = onlyBatch(service);
    QCOMPARE(service.get(batch).text("kind"), "script");
    QCOMPARE(service.post(batch + "/resume", R"({"retry":["failed"]})").status, 202);
    const Reply done = awaited(service, batch);
    QVERIFY2(done.text("outcome") == "completed", done.body);
    QCOMPARE(done.json().root()["result"].toInteger(), 2);
    QCOMPARE(askedEach(service, {"a", "b"}), QList<qsizetype>({1, 2}));
}

/// Kills the service, the batch's process or both, again and again; then lets it come to its end.
void tst_ServeBatchEnds::survivesKills()
{
    const int kills =
        qEnvironmentVariableIsSet("NIGHTSHIFT_KILLS") ? qEnvironmentVariableIntValue("NIGHTSHIFT_KILLS") : 6;
    QRandomGenerator random(20261122);
    Service service;
    service.start();
    service.program.server.otherwise = saying("said");
    QByteArrayList keys;
    for (int i = 0; i < kills * 4; ++i)
        keys += 'k' + QByteArray::number(1000 + i);
    const QByteArray batch = made(service, order(keys, R"(,"limits":{"concurrency":2})"));
    const QByteArray id = batch.sliced(batch.lastIndexOf('/') + 1);
    QHash<QByteArray, qsizetype> settled; // how often it had been asked for when it was done
    for (int kill = 0; kill < kills; ++kill) {
        const size_t until = service.program.server.requests().size() + random.bounded(4);
        std::ignore = QTest::qWaitFor([&] { return service.program.server.requests().size() >= until; }, 3000);
        const int whom = random.bounded(3);
        if (whom != 0)
            service.kill();
        for (const QByteArray &process : whom != 1 ? processesWith(id) : QByteArrayList())
            ::kill(process.split(':').first().toInt(), SIGKILL);
        if (whom != 0)
            service.start();
        const JsonDocument items = service.get(batch + "/items?limit=500&status=succeeded").json();
        for (const JsonView &item : items.root()["data"].items()) {
            const QByteArray key = item["key"].utf8().toByteArray();
            if (!settled.contains(key))
                settled[key] = asked(service, key);
        }
        const Reply now = service.get(batch);
        if (now.text("status") == "done" && now.text("outcome") != "completed")
            QCOMPARE(service.post(batch + "/resume", "{}").status, 202);
    }
    Reply done = awaited(service, batch);
    if (done.text("outcome") != "completed") {
        QCOMPARE(service.post(batch + "/resume", "{}").status, 202);
        done = awaited(service, batch);
    }
    QCOMPARE(counts(done), "succeeded " + QByteArray::number(keys.size()));
    QCOMPARE(service.stream(batch + "/results", "Accept: application/jsonl\r\n")->reply().body.count('\n'),
             keys.size());
    for (const auto &[key, count] : settled.asKeyValueRange())
        QCOMPARE(asked(service, key), count); // what was done is not asked for again
    QVERIFY(service.program.server.requests().size() <= size_t(keys.size() + 2 * kills)); // two were under way
    QCOMPARE(service.program.server.violations(), QStringList());
}

QTEST_GUILESS_MAIN(tst_ServeBatchEnds)
#include "tst_serve_batchends.moc"
