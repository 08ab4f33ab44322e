#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// What a model was asked and said, kept and played again without it.
class tst_Replay : public QObject
{
    Q_OBJECT

private slots:
    void playsWhatWasRecorded();
    void keepsNoKey();
    void namesWhereARequestDiffers();
    void asksForWhatWasNotRecorded();
    void answersCommandsFromTheTape();
    void replaysABatch();
    void healsACutAnswer();
    void letsRequestsFail_data();
    void letsRequestsFail();
    void refusesFaultsThatAreNone();
};

using Answer = ScriptedServer::Answer;

static void playRun(ScriptedServer &server)
{
    server.play({sse::command("c1", "date +%N; pwd")});
    server.play({sse::message("m", "All is done.")});
}

static const QStringList recorded{u"--record"_s, u"tape"_s}, replayed{u"--replay"_s, u"tape"_s};

void tst_Replay::playsWhatWasRecorded()
{
    Program program;
    program.server.play({sse::command("c1", "pwd")});
    program.server.play({sse::message("m", "All is done.")});
    const Ended live = program.exec(recorded + QStringList{u"--json"_s, u"go"_s});
    QVERIFY2(live.exitCode == 0, live.err);
    QCOMPARE(program.server.requests().size(), size_t(2));
    program.environment.remove(u"MOCK_KEY"_s);
    const Ended again = program.exec(replayed + QStringList{u"--json"_s, u"go"_s});
    QVERIFY2(again.exitCode == 0, again.err + again.out);
    QCOMPARE(program.plain(again.out), program.plain(live.out));
    QCOMPARE(program.server.requests().size(), size_t(2));
}

void tst_Replay::keepsNoKey()
{
    Program program;
    program.server.play({sse::message("m", "your key is key-of-the-tests")});
    QCOMPARE(program.exec(recorded + QStringList{u"say key-of-the-tests"_s}).exitCode, 0);
    const QByteArray tape = program.read(u"tape/cassette.jsonl"_s);
    QVERIFY(tape.startsWith("{\"cassette\":1,"));
    QVERIFY(tape.contains("your key is ***"));
    QVERIFY(!tape.contains("key-of-the-tests"));
}

void tst_Replay::namesWhereARequestDiffers()
{
    Program program;
    playRun(program.server);
    QCOMPARE(program.exec(recorded + QStringList{u"go"_s}).exitCode, 0);
    const Ended missed = program.exec(replayed + QStringList{u"stay"_s});
    QCOMPARE(missed.exitCode, 1);
    QVERIFY2(missed.err.contains("is not on the cassette; the nearest is request 1, and differs first at /input/"),
             missed.err);
    QVERIFY2(missed.err.contains("/content/0/text"), missed.err);
    const Ended model = program.exec(replayed + QStringList{u"-m"_s, u"gpt-5.4"_s, u"go"_s});
    QCOMPARE(model.exitCode, 1);
    QVERIFY2(program.exec(replayed + QStringList{u"go"_s}).exitCode != 0, "its commands printed something else");
}

void tst_Replay::asksForWhatWasNotRecorded()
{
    Program program;
    const auto asking = [](const QString &what, const QString &prompt) {
        return replayed + QStringList{u"--replay-miss"_s, what, prompt};
    };
    program.server.play({sse::message("m", "one")});
    QCOMPARE(program.exec(recorded + QStringList{u"first"_s}).out, "one\n");
    program.server.play({sse::message("m", "two")});
    QCOMPARE(program.exec(asking(u"live"_s, u"second"_s)).out, "two\n");
    program.server.play({sse::message("m", "three")});
    QCOMPARE(program.exec(asking(u"append"_s, u"second"_s)).out, "three\n"); // live kept nothing
    QCOMPARE(program.exec(asking(u"append"_s, u"second"_s)).out, "three\n");
    QCOMPARE(program.exec(asking(u"error"_s, u"first"_s)).out, "one\n");
    QCOMPARE(program.server.requests().size(), size_t(3));
    const Ended alone = program.exec({u"--replay-miss"_s, u"live"_s, u"x"_s});
    QCOMPARE(alone.exitCode, 2);
    QVERIFY2(alone.err.contains("--replay-miss is for --replay"), alone.err);
}

/// A command that prints another number each time, and leaves a trace.
void tst_Replay::answersCommandsFromTheTape()
{
    Program program;
    program.server.play({sse::command("c1", "date +%s%N | tee -a made; pwd; exit 3")});
    program.server.play({sse::message("m", "All is done.")});
    const QStringList words{u"-s"_s, u"workspace-write"_s, u"--json"_s, u"go"_s};
    const Ended live = program.exec(recorded + words);
    QVERIFY2(live.exitCode == 0, live.err);
    const QByteArray made = program.read(u"made"_s);
    QVERIFY(live.out.contains("\"exit_code\":3"));
    const Ended again = program.exec(replayed + QStringList{u"--replay-tools"_s} + words);
    QVERIFY2(again.exitCode == 0, again.err + again.out);
    QCOMPARE(program.plain(again.out), program.plain(live.out));
    QCOMPARE(program.read(u"made"_s), made);
    QCOMPARE(program.server.requests().size(), size_t(2));
    QVERIFY(!program.read(u"tape/cassette.jsonl"_s).contains(program.work().toUtf8()));
    QVERIFY2(program.exec(replayed + words).exitCode != 0, "it ran, and printed another number");
    const Ended alone = program.exec({u"--replay-tools"_s, u"x"_s});
    QVERIFY2(alone.exitCode == 2 && alone.err.contains("--replay-tools is for --replay"), alone.err);
}

/// The rows but for what every run has of its own.
static QByteArrayList rows(const Program &program)
{
    QByteArrayList lines;
    for (const QByteArray &line : program.read(u"out/results.jsonl"_s).split('\n')) {
        const auto row = JsonDocument::parse(line);
        if (row)
            lines += row->root()["key"].raw().text + row->root()["ok"].raw().text + row->root()["text"].raw().text +
                     row->root()["usage"].raw().text;
    }
    return lines;
}

void tst_Replay::replaysABatch()
{
    Program program;
    program.write(u"items.csv"_s, "id\na\nb\nc\n");
    program.server.script = [](const ScriptedServer::Request &request) {
        const QByteArray who = request.body.mid(request.body.indexOf("Say ") + 4, 1);
        return Answer{.body = sse::stream({sse::created(), sse::message("m", "said " + who), sse::completed()})};
    };
    const QStringList words{u"batch"_s, u"--input"_s, u"items.csv"_s, u"--prompt"_s, u"Say {{id}}"_s, u"--fresh"_s};
    QCOMPARE(program.run(words + recorded).exitCode, 0);
    const QByteArrayList live = rows(program);
    QCOMPARE(live.size(), 3);
    QVERIFY(live[1].contains("said b"));
    program.server.script = {};
    program.environment.remove(u"MOCK_KEY"_s);
    const Ended again = program.run(words + replayed);
    QVERIFY2(again.exitCode == 0, again.err);
    QCOMPARE(rows(program), live);
    QCOMPARE(program.server.requests().size(), size_t(3));
}

void tst_Replay::healsACutAnswer()
{
    Program program;
    program.server.play({sse::message("m", "All is done.")});
    QCOMPARE(program.exec(recorded + QStringList{u"go"_s}).exitCode, 0);
    const Ended again = program.exec(replayed + QStringList{u"--replay-fault"_s, u"cut@1:100"_s, u"go"_s});
    QVERIFY2(again.exitCode == 0, again.err);
    QCOMPARE(again.out, "All is done.\n"_ba);
}

void tst_Replay::letsRequestsFail_data()
{
    QTest::addColumn<QString>("faults");
    QTest::addColumn<int>("requests"); // that reach the server
    QTest::newRow("an answer that is cut") << u"cut@1:100"_s << 2;
    QTest::newRow("a server in trouble") << u"500@1,503@2"_s << 1;
}

void tst_Replay::letsRequestsFail()
{
    QFETCH(const QString, faults);
    QFETCH(const int, requests);
    Program program;
    program.server.otherwise =
        Answer{.body = sse::stream({sse::created(), sse::message("m", "said"), sse::completed()})};
    const Ended ended = program.exec({u"--replay-fault"_s, faults, u"go"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(ended.out, "said\n");
    QCOMPARE(int(program.server.requests().size()), requests);
}

void tst_Replay::refusesFaultsThatAreNone()
{
    Program program;
    const Ended ended = program.exec({u"--replay-fault"_s, u"429@x"_s, u"go"_s});
    QVERIFY2(ended.err.contains("the fault `429@x` is none: expected STATUS@N, cut@N:BYTES, stall@N, "), ended.err);
    QVERIFY(ended.exitCode != 0);
}

QTEST_GUILESS_MAIN(tst_Replay)
#include "tst_replay.moc"
