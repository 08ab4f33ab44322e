#include "support/batchtable.h"
#include "support/git.h"
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// What a batch makes of what its earlier runs left: sessions without their ends, and trees.
class tst_BatchResumed : public QObject
{
    Q_OBJECT

private slots:
    void paysOnceForWhatOnlyLackedItsEnd();
    void leavesNoTreeOfWhatIsDone_data();
    void leavesNoTreeOfWhatIsDone();
    void keepsTheTreeOfAFailureUntilTheNextRun();
    void goesOnInTheTreeOfWhatWasCutOff();
    void checksAgainOnANewTree();
    void givesBackATreeThatWasPutAway_data();
    void givesBackATreeThatWasPutAway();
    void keepsTreesForItsScript();
};

using Answer = ScriptedServer::Answer;
using Request = ScriptedServer::Request;

/// A repository whose items each write a file of their name.
struct WritingProgram : Program
{
    explicit WritingProgram(const QStringList &keys)
    {
        prepare(*this, keys);
        write(u".gitignore"_s, "built\nout/\n");
        gitIn(work(), {u"add"_s, u"-A"_s});
        gitIn(work(), {u"commit"_s, u"-qm"_s, u"start"_s});
        server.script = [](const Request &request) {
            if (request.body.contains("function_call_output"))
                return saying("done");
            const QByteArray name = request.body.contains("Say a-word") ? "a" : "b";
            return Answer{.body = sse::stream({sse::created(),
                                               sse::command("c1", "echo " + name + " > " + name + ".txt; touch built"),
                                               sse::completed(100, 0, 10, 0)})};
        };
    }

    Ended batch(const QString &check, const QStringList &more = {}, const QString &isolation = u"worktree"_s)
    {
        return run(usualBatch +
                   QStringList{u"-s"_s, u"workspace-write"_s, u"--isolation"_s, isolation, u"--check"_s, check} + more);
    }

    /// Trees that are there: those that Git knows beside ours, and those in the state folder.
    std::pair<qsizetype, qsizetype> trees() const
    {
        const QDir folders(state() + u"/isolation"_s);
        qsizetype count = 0;
        for (const QString &name : folders.entryList(QDir::Dirs | QDir::NoSymLinks | QDir::NoDotAndDotDot)) {
            for (const QString &kind : {u"/worktree"_s, u"/copy"_s, u"/gone"_s})
                count += QFile::exists(folders.filePath(name) + kind);
        }
        return {gitIn(work(), {u"worktree"_s, u"list"_s}).count('\n') - 1, count};
    }
};

static const std::pair<qsizetype, qsizetype> none{0, 0}, one{1, 1};

static JsonDocument row(const Program &program, qsizetype index = 0)
{
    auto read = JsonDocument::parse(program.read(u"out/results.jsonl"_s).split('\n').value(index));
    return read ? std::move(*read) : *JsonDocument::parse("{}");
}

static void keepLines(const QString &path, const QByteArray &until)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    const QByteArray text = file.readAll();
    const qsizetype at = text.indexOf(until);
    QVERIFY(at > 0);
    QVERIFY(file.resize(text.lastIndexOf('\n', at) + 1));
}

/// As if killed between the model's last word and the end of its turn.
void tst_BatchResumed::paysOnceForWhatOnlyLackedItsEnd()
{
    Program program;
    prepare(program, {u"a"_s});
    QCOMPARE(program.run(usualBatch).exitCode, 0);
    const QDir journals(program.work() + u"/out/.nightshift"_s);
    keepLines(journals.filePath(journals.entryList({u"journal-*"_s}).first()), "\"type\":\"done\"");
    keepLines(program.logs().first(), "\"task_complete\"");
    const Ended ended = program.run(usualBatch + QStringList{u"--max-tokens"_s, u"10"_s}); // none of it is spent
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(results(program), QStringList{u"a ok run"_s});
    QCOMPARE(program.server.requests().size(), size_t(1));
    const JsonDocument done = row(program);
    QCOMPARE(done.root()["usage"]["input_tokens"].toInteger(), 100);
    QCOMPARE(done.root()["attempts"][qsizetype(0)]["requests"].toInteger(), 1);
}

void tst_BatchResumed::leavesNoTreeOfWhatIsDone_data()
{
    QTest::addColumn<QString>("isolation");
    for (const QString &isolation : {u"worktree"_s, u"copy"_s})
        QTest::newRow(qPrintable(isolation)) << isolation;
}

void tst_BatchResumed::leavesNoTreeOfWhatIsDone()
{
    QFETCH(const QString, isolation);
    WritingProgram program({u"a"_s, u"b"_s});
    for (const QByteArray &from : {"run"_ba, "journal"_ba}) {
        const Ended ended = program.batch(u"grep -q {{id}} {{id}}.txt"_s, {}, isolation);
        QVERIFY2(ended.exitCode == 0, ended.err);
        QCOMPARE(program.trees(), none);
        for (const auto &[index, name] : {std::pair(0, "a"_ba), std::pair(1, "b"_ba)}) {
            const JsonDocument done = row(program, index);
            QCOMPARE(done.root()["from"].utf8().toByteArray(), from);
            const QByteArray diff = done.root()["diff"].utf8().toByteArray();
            QVERIFY2(diff.contains("+++ b/" + name + ".txt\n@@ -0,0 +1 @@\n+" + name + '\n'), diff);
        }
        QVERIFY2(!ended.err.contains("tree"), ended.err);
    }
    QCOMPARE(program.server.requests().size(), size_t(4));
}

void tst_BatchResumed::keepsTheTreeOfAFailureUntilTheNextRun()
{
    WritingProgram program({u"a"_s, u"b"_s});
    QCOMPARE(program.batch(u"grep -q a {{id}}.txt"_s).exitCode, 1);
    QCOMPARE(results(program), (QStringList{u"a ok run"_s, u"b check_failed run"_s}));
    QCOMPARE(program.trees(), one);
    QCOMPARE(program.batch(u"grep -q a {{id}}.txt"_s).exitCode, 1);
    QCOMPARE(results(program), (QStringList{u"a ok journal"_s, u"b check_failed journal"_s}));
    QCOMPARE(program.trees(), none);
    QCOMPARE(program.batch(u"grep -q a {{id}}.txt"_s, {u"--retry"_s, u"failed"_s, u"--retries"_s, u"1"_s}).exitCode, 1);
    QCOMPARE(row(program, 1).root()["attempts"].size(), 2);
    QCOMPARE(program.trees(), one); // the last one's
}

void tst_BatchResumed::goesOnInTheTreeOfWhatWasCutOff()
{
    WritingProgram program({u"a"_s});
    const auto script = std::exchange(program.server.script, {});
    program.server.play({sse::command("c1", "echo begun > a.txt; touch built"), sse::completed(100, 0, 10, 0)});
    program.server.play(Answer{.body = sse::stream({sse::created()}), .end = Answer::End::Stall});
    const auto killed = program.launch(usualBatch + QStringList{u"-s"_s, u"workspace-write"_s, u"--isolation"_s,
                                                                u"worktree"_s, u"--check"_s, u"test -e built"_s});
    QTRY_COMPARE_WITH_TIMEOUT(program.server.requests().size(), size_t(2), 30'000);
    killed->send(SIGKILL);
    killed->wait();
    QCOMPARE(program.trees(), one);
    program.server.script = script;
    const Ended ended = program.batch(u"test -e built"_s);
    QVERIFY2(ended.exitCode == 0, ended.err);
    QVERIFY(row(program).root()["diff"].utf8().contains("+begun"));
    QCOMPARE(program.trees(), none);
}

void tst_BatchResumed::checksAgainOnANewTree()
{
    WritingProgram program({u"a"_s});
    QCOMPARE(program.batch(u"true"_s).exitCode, 0);
    QCOMPARE(program.trees(), none);
    const Ended good = program.batch(u"grep -q a a.txt"_s, {u"--recheck"_s});
    QVERIFY2(good.exitCode == 0, good.err);
    QCOMPARE(results(program), QStringList{u"a ok run"_s});
    QCOMPARE(program.trees(), none);
    QCOMPARE(program.batch(u"test -e built"_s, {u"--recheck"_s}).exitCode, 1); // only what the diff tells is there
    QCOMPARE(program.trees(), one);
    QCOMPARE(program.batch(u"true"_s, {u"--recheck"_s}).exitCode, 0);
    QVERIFY(row(program).root()["diff"].utf8().contains("+++ b/a.txt"));
    QCOMPARE(program.trees(), none);
    QCOMPARE(program.server.requests().size(), size_t(2));
}

void tst_BatchResumed::givesBackATreeThatWasPutAway_data()
{
    leavesNoTreeOfWhatIsDone_data();
}

/// The session of an item is as good as any other isolated one: its result is applied later, or it goes on.
void tst_BatchResumed::givesBackATreeThatWasPutAway()
{
    QFETCH(const QString, isolation);
    WritingProgram program({u"a"_s, u"b"_s});
    QCOMPARE(program.batch(u"true"_s, {}, isolation).exitCode, 0);
    const QString first = row(program, 0).root()["session"].toString(),
                  second = row(program, 1).root()["session"].toString();
    const Ended applied = program.run({u"sessions"_s, u"apply"_s, first});
    QVERIFY2(applied.exitCode == 0, applied.err);
    QCOMPARE(program.read(u"a.txt"_s), "a\n");
    QCOMPARE(program.run({u"sessions"_s, u"apply"_s, first}).exitCode, 1); // once is enough
    program.server.script = {};
    program.server.play({sse::command("c1", "cat b.txt > c.txt")});
    const QStringList goOn{u"-s"_s, u"workspace-write"_s, u"resume"_s, second, u"Copy it"_s, u"--diff=-"_s};
    if (isolation == "copy"_L1) { // of what is there now, which has one of its files
        const Ended refused = program.exec(goOn);
        QVERIFY2(refused.exitCode == 1 && refused.err.contains("does not fit "), refused.err);
        QVERIFY(QFile::remove(program.work() + u"/built"_s));
    }
    const Ended went = program.exec(goOn);
    QVERIFY2(went.exitCode == 0, went.err);
    QVERIFY2(went.out.contains("+++ b/b.txt") && went.out.contains("+++ b/c.txt\n@@ -0,0 +1 @@\n+b\n"), went.out);
    QVERIFY(!QFile::exists(program.work() + u"/b.txt"_s));
}

/// A script may come back to its agents' trees, with all that no diff tells, as long as it runs.
void tst_BatchResumed::keepsTreesForItsScript()
{
    WritingProgram program({u"a"_s});
    const auto runs = [&](const QByteArray &then) {
        program.write(u"s.js"_s, "import * as n from 'nightshift';\nexport default async () => {\n"
                                 "const r = await n.run({ key: 'a', prompt: 'Say a-word', isolation: 'worktree',\n"
                                 "  sandbox: 'workspace-write' }), s = n.session({ id: r.session });\n" +
                                     then + "\n};\n");
        return program.run({u"batch"_s, u"s.js"_s});
    };
    QCOMPARE(runs("throw new Error('first');").exitCode, 70);
    QCOMPARE(program.trees(), one); // it will come back
    const QByteArray apply = "const a = await s.apply({ check: ['test', '-e', 'built'] });\nreturn [r.from, a];";
    const Ended ended = runs(apply);
    QCOMPARE(ended.out, "[\"journal\",{\"applied\":true,\"message\":\"1 files changed\"}]\n");
    QCOMPARE(program.read(u"a.txt"_s), "a\n");
    QCOMPARE(program.trees(), none);
    const Ended again = runs(apply);
    QVERIFY2(again.out.contains("\"applied\":false,\"message\":\"the result was applied already"), again.err);
    QCOMPARE(program.trees(), none);
    QCOMPARE(program.server.requests().size(), size_t(2));
}

QTEST_GUILESS_MAIN(tst_BatchResumed)
#include "tst_batch_resumed.moc"
