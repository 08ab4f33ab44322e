#include "support/batchtable.h"
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// `nightshift batch` with a table, counted in requests at the model's server: what was paid for is not paid again.
class tst_Batch : public QObject
{
    Q_OBJECT

private slots:
    void runsEveryRowOnce();
    void asksOnlyForWhatIsNeeded_data();
    void asksOnlyForWhatIsNeeded();
    void goesOnWithWhatFailed();
    void triesAgainWhatMayHavePassed();
    void continuesWhatWasCutOff();
    void stopsBeforeMostIsThrownAway();
    void keepsOrRerunsStaleResults();
    void asksHooks();
    void letsACheckDecide();
    void checksAgainWithoutAsking();
    void collectsTheDiffOfEachTree();
    void endsAtItsLimitAndGoesOn();
    void endsAnItemWhoseTimeIsUp();
    void namesTheTimeOfTheWhole();
    void goesOnAfterASignal();
    void endsAtOnceAtTheSecondSignal();
    void tellsHowFarItIs();
    void refusesWhatIsWrong_data();
    void refusesWhatIsWrong();
};

using Answer = ScriptedServer::Answer;

void tst_Batch::runsEveryRowOnce()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s, u"c"_s});
    const Ended ended = program.run(usualBatch);
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(ended.out, QByteArray());
    QCOMPARE(results(program), (QStringList{u"a ok run"_s, u"b ok run"_s, u"c ok run"_s}));
    QCOMPARE(program.server.requests().size(), size_t(3));
    QVERIFY(program.server.requests()[0].body.contains("Say a-word"));
    QVERIFY(program.read(u"out/results.csv"_s).startsWith("key,ok,outcome,reason,message,text,"));
    QVERIFY(program.read(u"out/junit.xml"_s).contains("<testsuite name=\"items\" tests=\"3\" failures=\"0\""));
    QVERIFY(program.read(u"out/summary.md"_s).contains("3 of 3 succeeded"));
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Batch::asksOnlyForWhatIsNeeded_data()
{
    QTest::addColumn<QStringList>("second");
    QTest::addColumn<QByteArray>("prompt");
    QTest::addColumn<QStringList>("more");
    QTest::addColumn<int>("needed");
    const QStringList first{u"a"_s, u"b"_s, u"c"_s, u"d"_s};
    const QByteArray same = "Say {{word}}";
    QTest::newRow("nothing changed") << first << same << QStringList() << 0;
    QTest::newRow("one inserted in front")
        << QStringList{u"new"_s, u"a"_s, u"b"_s, u"c"_s, u"d"_s} << same << QStringList() << 1;
    QTest::newRow("reversed") << QStringList{u"d"_s, u"c"_s, u"b"_s, u"a"_s} << same << QStringList() << 0;
    QTest::newRow("one taken away") << QStringList{u"a"_s, u"c"_s, u"d"_s} << same << QStringList() << 0;
    QTest::newRow("all changed, rerun") << first << "Shout {{word}}"_ba << QStringList{u"--stale"_s, u"rerun"_s} << 4;
    QTest::newRow("all changed, kept") << first << "Shout {{word}}"_ba << QStringList{u"--stale"_s, u"keep"_s} << 0;
    QTest::newRow("other limits and labels")
        << first << same << QStringList{u"--item-limit"_s, u"wall_s=60"_s, u"-j"_s, u"2"_s, u"--retries"_s, u"2"_s}
        << 0;
    QTest::newRow("fresh") << first << same << QStringList{u"--fresh"_s} << 4;
}

void tst_Batch::asksOnlyForWhatIsNeeded()
{
    QFETCH(const QStringList, second);
    QFETCH(const QByteArray, prompt);
    QFETCH(const QStringList, more);
    QFETCH(const int, needed);
    Program program;
    prepare(program, {u"a"_s, u"b"_s, u"c"_s, u"d"_s});
    QCOMPARE(program.run(usualBatch).exitCode, 0);
    const size_t before = program.server.requests().size();
    QCOMPARE(before, size_t(4));
    program.write(u"items.csv"_s, table(second));
    program.write(u"p.md"_s, prompt);
    const Ended ended = program.run(usualBatch + more);
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(int(program.server.requests().size() - before), needed);
    QStringList expected = second;
    expected.sort();
    QCOMPARE(keysIn(results(program)), expected);
}

void tst_Batch::goesOnWithWhatFailed()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s});
    program.server.script = [](const ScriptedServer::Request &request) {
        return request.body.contains("b-word") ? Answer{.status = 400, .body = "no"} : saying("said");
    };
    const Ended failed = program.run(usualBatch);
    QCOMPARE(failed.exitCode, 1);
    QCOMPARE(results(program), (QStringList{u"a ok run"_s, u"b bad_request run"_s}));
    const size_t before = program.server.requests().size();
    QCOMPARE(program.run(usualBatch).exitCode, 1); // what is wrong with the request stays wrong
    QCOMPARE(program.server.requests().size(), before);
    program.server.script = {};
    QCOMPARE(program.run(usualBatch + QStringList{u"--retry"_s, u"reason=bad_request"_s}).exitCode, 0);
    QCOMPARE(results(program), (QStringList{u"a ok journal"_s, u"b ok run"_s}));
    QCOMPARE(program.server.requests().size(), before + 1);
}

void tst_Batch::triesAgainWhatMayHavePassed()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s});
    program.server.script = [](const ScriptedServer::Request &request) {
        return request.body.contains("b-word") ? Answer{.status = 500, .body = "broken"} : saying("said");
    };
    const QStringList words = usualBatch + QStringList{u"-c"_s, u"model_providers.mock.request_max_retries=0"_s,
                                                       u"-c"_s, u"model_providers.mock.stream_max_retries=0"_s};
    QCOMPARE(program.run(words).exitCode, 1);
    QCOMPARE(program.server.requests().size(), size_t(2));
    program.server.script = {};
    QCOMPARE(program.run(words).exitCode, 0);
    QCOMPARE(results(program), (QStringList{u"a ok journal"_s, u"b ok run"_s}));
    QCOMPARE(program.server.requests().size(), size_t(3));
}

/// Killed while it waits for the second answer: the first one's command is not run again.
void tst_Batch::continuesWhatWasCutOff()
{
    Program program;
    prepare(program, {u"a"_s});
    program.server.play({sse::command("c1", "echo once >> ran")});
    program.server.play(Answer{.body = sse::stream({sse::created()}), .end = Answer::End::Stall});
    const QStringList words = usualBatch + QStringList{u"-s"_s, u"workspace-write"_s};
    const auto killed = program.launch(words);
    QTRY_COMPARE(program.server.requests().size(), size_t(2));
    killed->send(SIGKILL);
    killed->wait();
    const Ended ended = program.run(words);
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(results(program), QStringList{u"a ok run"_s});
    QCOMPARE(program.read(u"ran"_s), "once\n");
    QCOMPARE(program.server.requests().size(), size_t(3));
    QCOMPARE(program.logs().size(), 1);
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Batch::stopsBeforeMostIsThrownAway()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s, u"c"_s});
    QCOMPARE(program.run(usualBatch).exitCode, 0);
    program.write(u"p.md"_s, "Shout {{word}}");
    const Ended ended = program.run(usualBatch);
    QCOMPARE(ended.exitCode, 2);
    QVERIFY2(ended.err.contains("3 of 3 finished items are stale, most often because: prompt changed."), ended.err);
    QCOMPARE(program.server.requests().size(), size_t(3));
}

void tst_Batch::keepsOrRerunsStaleResults()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s, u"c"_s});
    for (const QString &name : {u"a"_s, u"b"_s, u"c"_s})
        program.write(name + u".h"_s, "old");
    const QStringList words = usualBatch + QStringList{u"--input-file"_s, u"{{id}}.h"_s};
    QCOMPARE(program.run(words).exitCode, 0);
    program.write(u"b.h"_s, "new");
    const Ended ended = program.run(words);
    QVERIFY2(ended.exitCode == 0, ended.err);
    QVERIFY2(ended.err.contains("b: stale, input b.h changed; it runs again"), ended.err);
    QCOMPARE(results(program), (QStringList{u"a ok journal"_s, u"b ok run"_s, u"c ok journal"_s}));
}

void tst_Batch::asksHooks()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s});
    program.server.script = [](const ScriptedServer::Request &request) {
        if (request.body.contains("function_call_output"))
            return saying("tried");
        const QByteArray name = request.body.contains("a-word") ? "a" : "b";
        return Answer{.body = sse::stream({sse::created(), sse::command("c1", "touch " + name), sse::completed()})};
    };
    program.write(u"hook.sh"_s, "#!/bin/sh\ncase $(cat) in *'\"hook\":\"onCommand\"'*'touch a'*)\n"
                                "  echo '{\"decision\":\"deny\",\"reason\":\"not a\"}' ;; esac\n");
    QFile::setPermissions(program.work() + u"/hook.sh"_s, QFile::ReadOwner | QFile::ExeOwner);
    const Ended ended =
        program.run(usualBatch + QStringList{u"-s"_s, u"workspace-write"_s, u"--hooks"_s, u"hook.sh"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QVERIFY(!QFile::exists(program.work() + u"/a"_s));
    QVERIFY(QFile::exists(program.work() + u"/b"_s));
}

void tst_Batch::letsACheckDecide()
{
    Program program;
    prepare(program, {u"a"_s});
    program.server.play({sse::message("m", "first")});
    program.server.play({sse::command("c1", "touch right"), sse::message("m", "second")});
    const QStringList words = usualBatch + QStringList{u"-s"_s, u"workspace-write"_s, u"--check"_s,
                                                       u"sh -c 'echo looking for {{id}}; test -e right'"_s};
    const Ended failed = program.run(words);
    QCOMPARE(failed.exitCode, 1);
    QCOMPARE(results(program), QStringList{u"a check_failed run"_s});
    QVERIFY2(program.read(u"out/results.jsonl"_s).contains("looking for a"), program.read(u"out/results.jsonl"_s));
    const Ended mended = program.run(words + QStringList{u"--retry"_s, u"failed"_s});
    QVERIFY2(mended.exitCode == 0, mended.err);
    QCOMPARE(results(program), QStringList{u"a ok run"_s});
}

void tst_Batch::checksAgainWithoutAsking()
{
    Program program;
    prepare(program, {u"a"_s});
    const auto words = [](const QString &check) { return usualBatch + QStringList{u"--check"_s, check}; };
    QCOMPARE(program.run(words(u"true"_s)).exitCode, 0);
    QCOMPARE(program.run(words(u"false"_s)).exitCode, 0); // the check is not part of what an answer is worth
    QCOMPARE(program.run(words(u"false"_s) + QStringList{u"--recheck"_s}).exitCode, 1);
    QCOMPARE(results(program), QStringList{u"a check_failed run"_s});
    QCOMPARE(program.run(words(u"true"_s) + QStringList{u"--recheck"_s}).exitCode, 0);
    QCOMPARE(program.server.requests().size(), size_t(1));
}

void tst_Batch::collectsTheDiffOfEachTree()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s});
    program.server.script = [](const ScriptedServer::Request &request) {
        const bool first = !request.body.contains("function_call_output");
        const QByteArray name = request.body.contains("a-word") ? "a" : "b";
        if (!first)
            return saying("done");
        return Answer{.body = sse::stream({sse::created(), sse::command("c1", "echo " + name + " > " + name + ".txt"),
                                           sse::completed()})};
    };
    const QStringList words = usualBatch + QStringList{u"-s"_s,   u"workspace-write"_s, u"--isolation"_s,
                                                       u"copy"_s, u"--check"_s,         u"grep -q {{id}} {{id}}.txt"_s};
    const Ended ended = program.run(words);
    QVERIFY2(ended.exitCode == 0, ended.err + program.read(u"out/results.jsonl"_s));
    QCOMPARE(QFile::exists(program.work() + u"/a.txt"_s), false);
    const auto row = JsonDocument::parse(program.read(u"out/results.jsonl"_s).split('\n')[0]);
    QVERIFY(row.has_value());
    QCOMPARE(row->root()["files"].raw().text, "[\"a.txt\"]");
    QVERIFY(row->root()["diff"].utf8().contains("+++ b/a.txt"));
    QCOMPARE(program.run(words).exitCode, 0); // the real tree is no part of it
    QCOMPARE(program.server.requests().size(), size_t(4));
}

void tst_Batch::endsAtItsLimitAndGoesOn()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s, u"c"_s, u"d"_s});
    const Ended ended = program.run(usualBatch + QStringList{u"--max-requests"_s, u"2"_s, u"-j"_s, u"1"_s});
    QCOMPARE(ended.exitCode, 10);
    QVERIFY2(ended.err.contains("ended by batch.requests"), ended.err);
    QCOMPARE(program.server.requests().size(), size_t(2));
    QVERIFY(program.read(u"out/junit.xml"_s).contains("skipped=\"2\""));
    QCOMPARE(program.run(usualBatch).exitCode, 0);
    QCOMPARE(program.server.requests().size(), size_t(4));
}

void tst_Batch::namesTheTimeOfTheWhole()
{
    Program program;
    prepare(program, {u"a"_s});
    program.server.play(Answer{.end = Answer::End::Stall});
    const Ended ended = program.run(usualBatch + QStringList{u"--timeout"_s, u"1s"_s});
    QCOMPARE(ended.exitCode, 10);
    QCOMPARE(results(program), QStringList{u"a limit_time run"_s});
    QVERIFY(program.read(u"out/results.jsonl"_s).contains(R"("limits_hit":["batch.wall_s"])"));
    QCOMPARE(program.run(usualBatch).exitCode, 0); // goes on with it
    QCOMPARE(results(program), QStringList{u"a ok run"_s});
}

/// With one request more: what was found so far is worth a last answer.
void tst_Batch::endsAnItemWhoseTimeIsUp()
{
    Program program;
    prepare(program, {u"a"_s});
    program.server.play(Answer{.end = Answer::End::Stall});
    program.server.play({sse::message("m1", "so far"), sse::completed()});
    const Ended ended = program.run(usualBatch + QStringList{u"--item-limit"_s, u"wall_s=0.2"_s});
    QCOMPARE(ended.exitCode, 1);
    QCOMPARE(results(program), QStringList{u"a limit_time run"_s});
    QCOMPARE(program.server.requests().size(), size_t(2));
}

void tst_Batch::goesOnAfterASignal()
{
    for (const auto &[signal, exitCode] : {std::pair(SIGTERM, 75), std::pair(SIGINT, 130)}) {
        Program program;
        prepare(program, {u"a"_s, u"b"_s, u"c"_s});
        program.server.play({sse::message("m", "said")});
        program.server.play(Answer{.body = sse::stream({sse::created()}), .end = Answer::End::Stall});
        const auto run = program.launch(usualBatch + QStringList{u"-j"_s, u"1"_s});
        QTRY_COMPARE(program.server.requests().size(), size_t(2));
        run->send(signal);
        const Ended ended = run->wait();
        QVERIFY2(ended.exitCode == exitCode, ended.err);
        QCOMPARE(results(program), (QStringList{u"a ok run"_s, u"b interrupted run"_s, u"c  run"_s}));
        const Ended again = program.run(usualBatch);
        QVERIFY2(again.exitCode == 0, again.err);
        QCOMPARE(results(program), (QStringList{u"a ok journal"_s, u"b ok run"_s, u"c ok run"_s}));
        QCOMPARE(program.server.requests().size(), size_t(4));
        QCOMPARE(program.logs().size(), 3); // b's session went on
        QCOMPARE(program.server.violations(), QStringList());
    }
}

void tst_Batch::endsAtOnceAtTheSecondSignal()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s});
    program.server.play(Answer{.body = sse::stream({sse::created()}), .end = Answer::End::Stall});
    const auto run = program.launch(usualBatch + QStringList{u"-j"_s, u"1"_s});
    QTRY_COMPARE(program.server.requests().size(), size_t(1));
    run->send(SIGINT);
    run->send(SIGINT);
    const Ended ended = run->wait();
    QVERIFY(ended.signal == SIGINT || ended.exitCode == 130); // a shell shows the same for both
    QCOMPARE(program.run(usualBatch).exitCode, 0);
    QCOMPARE(keysIn(results(program)), (QStringList{u"a"_s, u"b"_s}));
    QCOMPARE(program.server.requests().size(), size_t(3));
}

void tst_Batch::tellsHowFarItIs()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s});
    program.server.play({sse::message("m", "said")});
    program.server.otherwise = Answer{.body = sse::stream({sse::created()}), .end = Answer::End::Stall};
    const auto run = program.launch(usualBatch + QStringList{u"-j"_s, u"1"_s});
    QVERIFY(run->says("a: done"));
    QTRY_COMPARE(program.server.requests().size(), size_t(2));
    run->send(SIGUSR1);
    QVERIFY(run->says(R"({"type":"batch.progress","name":"items","total":2,"succeeded":1,"failed":0,"running":1,)"));
    run->send(SIGTERM);
    QCOMPARE(run->wait().exitCode, 75);
}

void tst_Batch::refusesWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("items");
    QTest::addColumn<QByteArray>("prompt");
    QTest::addColumn<QStringList>("more");
    QTest::addColumn<QByteArray>("error");
    QTest::addColumn<int>("exitCode");
    const QByteArray items = "id,word\na,b\n", prompt = "{{word}}";
    QTest::newRow("keys") << "id,word\na,1\nb,2\na,3\n"_ba << prompt << QStringList()
                          << "items.csv: lines 2 and 4 have the same key `a`"_ba << 2;
    QTest::newRow("width") << "id,word\na\n"_ba << prompt << QStringList()
                           << "items.csv: line 2: 1 cells, expected 2"_ba << 2;
    QTest::newRow("template") << items << "x\n{{who}}"_ba << QStringList()
                              << "p.md:2: {{who}} is not known; there are: id, word"_ba << 2;
    QTest::newRow("threshold") << items << prompt << QStringList{u"--threshold"_s, u"luck>3"_s}
                               << "the threshold `luck>3` is none"_ba << 2;
    QTest::newRow("limit") << items << prompt << QStringList{u"--item-limit"_s, u"cost=1"_s}
                           << "--item-limit cost: no such option"_ba << 2;
    QTest::newRow("shard") << items << prompt << QStringList{u"--shard"_s, u"3/2"_s}
                           << "--shard 3/2: there is no part 3 of 2"_ba << 2;
    QTest::newRow("cost") << items << prompt << QStringList{u"-m"_s, u"nobody-knows"_s, u"--max-cost"_s, u"1"_s}
                          << "what the model `nobody-knows` costs"_ba << 2;
    QTest::newRow("isolation") << items << prompt << QStringList{u"--isolation"_s, u"overlay"_s}
                               << "an item's isolation is worktree or copy"_ba << 2;
    QTest::newRow("no reason to retry on") << items << prompt << QStringList{u"--retry-on"_s, u"luck"_s}
                                           << "--retry-on luck: no item fails for that"_ba << 2;
    QTest::newRow("no reason to retry") << items << prompt << QStringList{u"--retry"_s, u"reason=network,luck"_s}
                                        << "--retry reason=luck: no item fails for that"_ba << 2;
    QTest::newRow("no fault") << items << prompt << QStringList{u"--replay-fault"_s, u"luck@1"_s} << "luck@1"_ba << 2;
}

void tst_Batch::refusesWhatIsWrong()
{
    QFETCH(const QByteArray, items);
    QFETCH(const QByteArray, prompt);
    QFETCH(const QStringList, more);
    QFETCH(const QByteArray, error);
    QFETCH(const int, exitCode);
    Program program;
    program.write(u"items.csv"_s, items);
    program.write(u"p.md"_s, prompt);
    const Ended ended = program.run(usualBatch + more);
    QVERIFY2(ended.err.contains(error), ended.err);
    QCOMPARE(ended.exitCode, exitCode);
    QCOMPARE(program.server.requests().size(), size_t(0));
}

QTEST_GUILESS_MAIN(tst_Batch)
#include "tst_batch.moc"
