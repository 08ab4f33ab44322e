#include "support/batchtable.h"
#include <QDateTime>
#include <QDir>
#include <QRandomGenerator>
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Several processes that work on one batch, beside each other or one after the other's death.
class tst_BatchWorkers : public QObject
{
    Q_OBJECT

private slots:
    void survivesKill9();
    void waitsForAServerThatRefuses();
    void asksAsManyAtOnceAsTheServerBears();
    void sharesOneLimitAmongProcesses();
    void pausesTogetherWhenOneIsRefused();
    void dividesItemsAndMergesThem();
    void sharesItemsAmongWorkers();
    void takesOverFromAKilledWorker();
    void runsInTheContainerOfAManifest();
    void sharesTheRunsOfAScript();
    void refusesToDivideAScript_data();
    void refusesToDivideAScript();
};

using Answer = ScriptedServer::Answer;

static QString keyIn(const ScriptedServer::Request &request)
{
    const qsizetype end = request.body.indexOf("-word");
    return QString::fromLatin1(request.body.sliced(end - 4, 4));
}

/// As the journals of a batch have it.
static QSet<QString> doneKeys(const Program &program)
{
    QSet<QString> keys;
    for (const QString &name : QDir(program.work() + u"/out/.nightshift"_s).entryList({u"journal-*"_s})) {
        for (const QByteArray &line : program.read(u"out/.nightshift/"_s + name).split('\n')) {
            if (const auto read = JsonDocument::parse(line); read && read->root()["type"].utf8() == "done")
                keys += read->root()["result"]["key"].toString();
        }
    }
    return keys;
}

/// Whether all who share the only state in `folder` wait for its server.
static bool isPaused(const QString &folder)
{
    QFile file(folder + u'/' + QDir(folder).entryList(QDir::Files).value(0));
    const auto state =
        file.open(QIODevice::ReadOnly) ? JsonDocument::parse(file.readAll()) : fail(Error::Kind::NotFound, {});
    return state && state->root()["next_allowed"].toInteger() > QDateTime::currentMSecsSinceEpoch();
}

static std::vector<std::unique_ptr<Run>> launchWorkers(Program &program, int count, const QStringList &words)
{
    std::vector<std::unique_ptr<Run>> workers;
    for (int i = 0; i < count; ++i)
        workers.push_back(program.launch(words));
    return workers;
}

/// Killed again and again, then left in peace: each item is in the results once, and an answer of its two is asked for
/// again only when it was cut off: at most once by each process, never when there was a later one, or the item is done.
void tst_BatchWorkers::survivesKill9()
{
    bool isGiven = false;
    const int given = qEnvironmentVariableIntValue("NIGHTSHIFT_KILLS", &isGiven);
    const int kills = isGiven ? given : 10;
    QRandomGenerator random(20261121);
    Program program;
    const QStringList keys = manyKeys(kills * 3);
    prepare(program, keys);
    const auto isSecond = [](const ScriptedServer::Request &request) {
        return request.body.contains("function_call_output");
    };
    program.server.script = [&](const ScriptedServer::Request &request) {
        const QByteArray plan = sse::call("c1", "update_plan", R"({"plan":[{"step":"s","status":"completed"}]})");
        return isSecond(request) ? saying("said")
                                 : Answer{.body = sse::stream({sse::created(), plan, sse::completed()})};
    };
    const QStringList words = usualBatch + QStringList{u"-j"_s, u"3"_s};
    QStringList unneeded;
    QSet<QString> done, hadSecond;
    size_t seen = 0;
    const auto checkRequests = [&] {
        QSet<std::pair<QString, bool>> asked; // by one process
        for (; seen < program.server.requests().size(); ++seen) {
            const ScriptedServer::Request &request = program.server.requests()[seen];
            const std::pair each(keyIn(request), isSecond(request));
            if (done.contains(each.first) || asked.contains(each) || (!each.second && hadSecond.contains(each.first)))
                unneeded += each.first;
            asked += each;
            if (each.second)
                hadSecond += each.first;
        }
        done = doneKeys(program);
    };
    for (int kill = 0; kill < kills; ++kill) {
        const auto run = program.launch(words);
        const size_t until = seen + random.bounded(8); // 0: while it starts
        std::ignore =
            QTest::qWaitFor([&] { return program.server.requests().size() >= until || run->pid() == 0; }, 5000);
        QTest::qWait(int(random.bounded(12)));
        run->send(SIGKILL);
        run->wait();
        checkRequests();
    }
    const Ended ended = program.run(words);
    QVERIFY2(ended.exitCode == 0, ended.err);
    checkRequests();
    QCOMPARE(keysIn(results(program)), keys);
    QCOMPARE(unneeded, QStringList());
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_BatchWorkers::waitsForAServerThatRefuses()
{
    Program program;
    const QStringList keys = manyKeys(1000);
    prepare(program, keys);
    QRandomGenerator random(429);
    int refused = 0;
    program.server.script = [&](const ScriptedServer::Request &) {
        if (random.bounded(10) >= 3)
            return saying("said");
        ++refused;
        return Answer{.status = 429, .body = "slow down", .headers = {{"retry-after-ms", "2"}}};
    };
    const auto run = program.launch(usualBatch + QStringList{u"-j"_s, u"16"_s});
    QTRY_VERIFY_WITH_TIMEOUT(run->pid() == 0, 170'000);
    const Ended ended = run->wait();
    QVERIFY2(ended.exitCode == 0, ended.err.right(2000));
    QCOMPARE(program.server.requests().size(), size_t(1000 + refused));
    QVERIFY(refused > 300);
    QCOMPARE(keysIn(results(program)), keys);
}

void tst_BatchWorkers::asksAsManyAtOnceAsTheServerBears()
{
    constexpr size_t answered = 40; // enough rounds for a limit of nine
    Program program;
    prepare(program, manyKeys(80));
    program.server.script = [&](const ScriptedServer::Request &) {
        const bool isHeld = program.server.requests().size() > answered;
        return isHeld ? Answer{.body = sse::stream({sse::created()}), .end = Answer::End::Stall} : saying("said");
    };
    const auto run = program.launch(usualBatch + QStringList{u"-j"_s, u"auto"_s});
    QTRY_VERIFY2(program.server.requests().size() >= answered + 8,
                 QByteArray::number(program.server.requests().size()));
    run->send(SIGTERM);
    QCOMPARE(run->wait().exitCode, 75);
}

void tst_BatchWorkers::sharesOneLimitAmongProcesses()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s});
    program.server.otherwise = Answer{.body = sse::stream({sse::created()}), .end = Answer::End::Stall};
    std::vector<std::unique_ptr<Run>> runs;
    for (int i = 0; i < 8; ++i)
        runs.push_back(program.launch(usualBatch + QStringList{u"--out"_s, u"out%1"_s.arg(i), u"-j"_s, u"2"_s}));
    // Nobody is answered, so no process may ask for more than what all of them have together.
    QTRY_COMPARE_WITH_TIMEOUT(program.server.requests().size(), size_t(4), 20'000);
    QTest::qWait(300);
    QCOMPARE(program.server.requests().size(), size_t(4));
    for (const auto &run : runs) {
        run->send(SIGKILL);
        run->wait();
    }
    program.server.otherwise = saying("said"); // the dead hold nothing
    QCOMPARE(program.run(usualBatch + QStringList{u"--out"_s, u"out0"_s}).exitCode, 0);
}

void tst_BatchWorkers::dividesItemsAndMergesThem()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s, u"c"_s, u"d"_s, u"e"_s});
    QCOMPARE(program.run(usualBatch + QStringList{u"--shard"_s, u"1/2"_s}).exitCode, 0);
    const Ended half = program.run({u"batch"_s, u"merge"_s, u"out"_s});
    QVERIFY2(half.err.contains("3 of 5 succeeded, 0 failed, 2 did not run"), half.err);
    QCOMPARE(half.exitCode, 75);
    QCOMPARE(program.run(usualBatch + QStringList{u"--shard"_s, u"2/2"_s}).exitCode, 0);
    QCOMPARE(program.server.requests().size(), size_t(5));
    // As when a job was put back into the queue, and another machine began it again.
    const QString folder = program.work() + u"/out/.nightshift/"_s;
    for (const QString &name : QDir(folder).entryList({u"journal-*"_s}))
        QVERIFY(QFile::copy(folder + name, folder + u"journal-other-"_s + name.section(u'-', -1)));
    const Ended merged = program.run({u"batch"_s, u"merge"_s, u"out"_s});
    QVERIFY2(merged.exitCode == 0, merged.err);
    QCOMPARE(results(program), (QStringList{u"a ok journal"_s, u"b ok journal"_s, u"c ok journal"_s, u"d ok journal"_s,
                                            u"e ok journal"_s}));
}

void tst_BatchWorkers::sharesItemsAmongWorkers()
{
    Program program;
    const QStringList keys = manyKeys(24);
    prepare(program, keys);
    program.server.script = [](const ScriptedServer::Request &request) {
        return request.body.contains("k007-word") ? Answer{.status = 400, .body = "no"} : saying("said");
    };
    const QStringList words = usualBatch + QStringList{u"--claim"_s, u"shared"_s};
    const auto workers = launchWorkers(program, 3, words);
    int failed = 0;
    for (const auto &worker : workers)
        failed += worker->wait().exitCode; // what others did is no failure of ours
    QCOMPARE(failed, 1);
    QVERIFY(program.server.requests().size() >= 24 && program.server.requests().size() <= 26);
    QCOMPARE(program.run({u"batch"_s, u"merge"_s, u"out"_s}).exitCode, 1);
    QCOMPARE(keysIn(results(program)), keys);
    const size_t before = program.server.requests().size();
    program.server.script = {};
    program.run(words + QStringList{u"--retry"_s, u"failed"_s}); // what failed may be claimed again
    QCOMPARE(program.server.requests().size(), before + 1);
    QCOMPARE(program.run({u"batch"_s, u"merge"_s, u"out"_s}).exitCode, 0);
}

/// A refusal that one process got holds all of them back: only what was under way then still comes.
void tst_BatchWorkers::pausesTogetherWhenOneIsRefused()
{
    constexpr int processes = 8, items = 48, pause = 1500; // ms
    Program program;
    prepare(program, manyKeys(items));
    QVERIFY(QDir().mkpath(program.state() + u"/run"_s));
    program.environment.insert(u"XDG_RUNTIME_DIR"_s, program.state() + u"/run"_s);
    qsizetype early = 0;
    program.server.script = [&](const ScriptedServer::Request &) {
        early += isPaused(program.state() + u"/run/nightshift/governor"_s);
        if (program.server.requests().size() != items / 4)
            return saying("said");
        return Answer{.status = 429, .body = "slow down", .headers = {{"retry-after-ms", QByteArray::number(pause)}}};
    };
    std::vector<std::unique_ptr<Run>> shards;
    for (int i = 1; i <= processes; ++i)
        shards.push_back(program.launch(usualBatch + QStringList{u"--shard"_s, u"%1/%2"_s.arg(i).arg(processes)}));
    for (const auto &shard : shards)
        QCOMPARE(shard->wait().exitCode, 0);
    QVERIFY2(early < items / 3, QByteArray::number(early)); // the limit: 4, and one more for each success
    QCOMPARE(program.server.requests().size(), size_t(items + 1));
}

/// It held two items: one whose answer was lost, and one that had not been asked.
void tst_BatchWorkers::takesOverFromAKilledWorker()
{
    Program program;
    const QStringList keys = manyKeys(12);
    prepare(program, keys);
    program.server.script = [&](const ScriptedServer::Request &request) {
        const bool isHeld = keyIn(request) == "k004"_L1 && program.server.requests().size() < 8;
        return isHeld ? Answer{.body = sse::stream({sse::created()}), .end = Answer::End::Stall} : saying("said");
    };
    const QStringList words =
        usualBatch + QStringList{u"--claim"_s, u"shared"_s, u"--claim-timeout"_s, u"2s"_s, u"-j"_s, u"1"_s};
    const auto dead = program.launch(words);
    QTRY_COMPARE(program.server.requests().size(), size_t(5));
    dead->send(SIGKILL);
    dead->wait();
    for (const auto &worker : launchWorkers(program, 3, words)) { // while the claim of the dead looks alive
        const Ended ended = worker->wait();
        QVERIFY2(ended.exitCode == 0, ended.err);
    }
    QCOMPARE(program.run({u"batch"_s, u"merge"_s, u"out"_s}).exitCode, 0);
    QCOMPARE(keysIn(results(program)), keys);
    QCOMPARE(program.server.requests().size(), keys.size() + 1);
    QCOMPARE(program.logs().size(), keys.size()); // the dead one's session went on
}

/// What the manifest's container runs, for four indexes.
static QStringList containerCommand(Program &program, QStringList words)
{
    words.insert(1, u"submit"_s);
    words.insert(2, u"k8s"_s);
    const Ended submitted = program.run(words + QStringList{u"--shard"_s, u"auto/4"_s});
    const auto manifest = JsonDocument::parse(submitted.out);
    QStringList command;
    if (!manifest || manifest->root()["spec"]["completions"].toInteger() != 4)
        return {QString::fromUtf8(submitted.err)};
    const JsonView pod = manifest->root()["spec"]["template"]["spec"];
    for (const JsonView word : pod["containers"].items().front()["command"].items())
        command += word.toString();
    return command;
}

/// The command of each index, run here.
void tst_BatchWorkers::runsInTheContainerOfAManifest()
{
    Program program;
    const QStringList keys = manyKeys(9);
    prepare(program, keys);
    QStringList command = containerCommand(program, usualBatch);
    QCOMPARE(command.takeFirst(), u"nightshift"_s);
    for (int index = 0; index < 4; ++index) {
        program.environment.insert(u"JOB_COMPLETION_INDEX"_s, QString::number(index));
        const Ended ended = program.run(command);
        QVERIFY2(ended.exitCode == 0, ended.err);
    }
    QCOMPARE(program.run({u"batch"_s, u"merge"_s, u"out"_s}).exitCode, 0);
    QCOMPARE(keysIn(results(program)), keys);
    QCOMPARE(program.server.requests().size(), keys.size());
}

static const QByteArray sharedScript =
    "import { batch, map, run } from 'nightshift';\n"
    "const keys = (from, to) => Array.from({ length: to - from }, (_, i) => 'k' + String(from + i).padStart(3, '0'));\n"
    "export default async function () {\n"
    "  const all = await map(keys(0, 12), key => run({ key, prompt: `Say ${key}-word` }));\n"
    "  const more = await batch({ prompt: 'Say {{w}}-word', items: keys(12, 20).map(w => ({ key: w, vars: { w } })) "
    "});\n"
    "  return [all.filter(r => r.ok).length, more.counts.succeeded];\n"
    "}\n";

/// Each worker gets the results of all; what one of them did the others do not ask for.
void tst_BatchWorkers::sharesTheRunsOfAScript()
{
    Program program;
    program.write(u"s.js"_s, sharedScript);
    program.server.script = [](const ScriptedServer::Request &request) {
        return request.body.contains("k007-word") ? Answer{.status = 400, .body = "no"} : saying("said");
    };
    QStringList worker = containerCommand(program, {u"batch"_s, u"s.js"_s, u"-j"_s, u"2"_s});
    QCOMPARE(worker.takeFirst(), u"nightshift"_s);
    for (const auto &run : launchWorkers(program, 4, worker)) {
        const Ended ended = run->wait();
        QVERIFY2(ended.exitCode == 0, ended.err);
        QCOMPARE(ended.out, QByteArray("[11,8]\n"));
    }
    QCOMPARE(program.server.requests().size(), size_t(20));
    const Ended whole = program.run({u"batch"_s, u"s.js"_s});
    QCOMPARE(whole.out, QByteArray("[11,8]\n"));
    QCOMPARE(whole.exitCode, 1);
    QCOMPARE(program.server.requests().size(), size_t(20));
    QCOMPARE(keysIn(results(program)), manyKeys(20));
}

void tst_BatchWorkers::refusesToDivideAScript_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("words");
    QTest::newRow("by number") << QByteArray("1") << QStringList{u"--shard"_s, u"1/2"_s} << 2
                               << "--shard: only a script itself knows what it will ask for"_ba;
    QTest::newRow("its conversations") << QByteArray("session().send('Hello')")
                                       << QStringList{u"--claim"_s, u"shared"_s} << 70
                                       << "turns of sessions cannot be shared: run the script without --claim"_ba;
}

void tst_BatchWorkers::refusesToDivideAScript()
{
    QFETCH(const QByteArray, body);
    QFETCH(const QStringList, options);
    QFETCH(const QByteArray, words);
    Program program;
    program.write(u"s.js"_s, "import { session } from 'nightshift';\nexport default () => " + body + ";\n");
    const Ended ended = program.run(QStringList{u"batch"_s, u"s.js"_s} + options);
    QVERIFY2(ended.err.contains(words), ended.err);
    QTEST(ended.exitCode, "exitCode");
    QCOMPARE(program.server.requests().size(), size_t(0));
}

QTEST_GUILESS_MAIN(tst_BatchWorkers)
#include "tst_batch_workers.moc"
