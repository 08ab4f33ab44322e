#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_SessionsCommand : public QObject
{
    Q_OBJECT

private slots:
    void listsTheNewestFirst();
    void listsWhatTheReferenceDid();
    void resumesByTheNameItGave();
    void putsASessionAsideAndBringsItBack();
    void deletesForEver();
    void readsAndResumesWhatItCompressed();
    void keepsItsHandsOffASessionThatRuns();
    void refusesWhatItDoesNotKnow_data();
    void refusesWhatItDoesNotKnow();
};

static QString idOf(const Ended &ended)
{
    const auto line = JsonDocument::parse(ended.out.split('\n').first());
    return line ? line->root()["thread_id"].toString() : QString();
}

/// The id of a session in which `prompt` was answered.
static QString session(Program &program, const QString &prompt = u"first prompt"_s)
{
    program.server.play({sse::message("msg_1", "An answer.")});
    return idOf(program.exec({u"--json"_s, prompt}));
}

static QStringList listed(Program &program, const QStringList &options = {})
{
    QStringList titles;
    const Ended ended = program.run(QStringList{u"sessions"_s, u"list"_s, u"--json"_s} + options);
    for (const QByteArray &line : ended.out.trimmed().split('\n')) {
        const auto row = JsonDocument::parse(line);
        if (row)
            titles += row->root()["title"].toString();
    }
    return titles;
}

void tst_SessionsCommand::listsTheNewestFirst()
{
    Program program;
    QCOMPARE(program.run({u"sessions"_s, u"list"_s}).out, "");
    const QString first = session(program, u"one"_s);
    session(program, u"two"_s);
    QCOMPARE(listed(program), (QStringList{u"two"_s, u"one"_s}));
    program.server.play({sse::message("msg_2", "More.")});
    program.exec({u"resume"_s, first, u"more"_s});
    QCOMPARE(listed(program), (QStringList{u"one"_s, u"two"_s}));
    QCOMPARE(listed(program, {u"--limit"_s, u"1"_s}), QStringList{u"one"_s});
    QCOMPARE(listed(program, {u"--all"_s}), (QStringList{u"one"_s, u"two"_s}));
    const QByteArray people = program.run({u"sessions"_s, u"list"_s, u"--limit=1"_s}).out;
    QVERIFY2(people.startsWith(first.toUtf8()) && people.endsWith("one\n") && people.count('\n') == 1, people);
}

void tst_SessionsCommand::listsWhatTheReferenceDid()
{
    Program program;
    session(program, u"ours"_s);
    QCOMPARE(listed(program), QStringList{u"ours"_s});
    QFile log(QStringLiteral(TEST_DATA "/../store/reference.jsonl"));
    QVERIFY(log.open(QIODevice::ReadOnly));
    program.write(u"../state/sessions/2025/09/11/rollout-2025-09-11T10-00-00-01a1fbce-612f-7362-a1a6-e4356cdc164a"
                  ".jsonl"_s,
                  log.readAll());
    QVERIFY(QFile::remove(program.state() + u"/nightshift_index.jsonl"_s));
    QCOMPARE(listed(program).size(), 2);
}

void tst_SessionsCommand::resumesByTheNameItGave()
{
    Program program;
    const QString id = session(program);
    QCOMPARE(program.run({u"sessions"_s, u"rename"_s, id, u"nightly build"_s}).out,
             id.toUtf8() + " is called nightly build\n");
    QVERIFY(program.run({u"sessions"_s, u"list"_s}).out.contains("nightly build: first prompt"));
    program.server.play({sse::message("msg_2", "Again.")});
    QCOMPARE(idOf(program.exec({u"--json"_s, u"resume"_s, u"nightly build"_s, u"p"_s})), id);
}

void tst_SessionsCommand::putsASessionAsideAndBringsItBack()
{
    Program program;
    const QString id = session(program);
    const QString before = program.logs().value(0);
    QCOMPARE(program.run({u"sessions"_s, u"archive"_s, id}).exitCode, 0);
    QCOMPARE(program.logs(), QStringList());
    QCOMPARE(listed(program), QStringList());
    QCOMPARE(listed(program, {u"--archived"_s}), QStringList{u"first prompt"_s});
    const Ended refused = program.exec({u"resume"_s, id, u"p"_s});
    QCOMPARE(refused.exitCode, 1);
    QVERIFY2(refused.err.contains("sessions unarchive " + id.toUtf8()), refused.err);
    QCOMPARE(program.run({u"sessions"_s, u"unarchive"_s, id}).out, before.toUtf8() + '\n');
    QCOMPARE(program.logs(), QStringList{before});
    QCOMPARE(listed(program), QStringList{u"first prompt"_s});
    program.server.play({sse::message("msg_2", "Again.")});
    QCOMPARE(program.exec({u"resume"_s, id, u"p"_s}).out, "Again.\n");
}

void tst_SessionsCommand::deletesForEver()
{
    Program program;
    const QString first = session(program, u"one"_s), second = session(program, u"two"_s);
    const Ended none = program.run({u"sessions"_s, u"delete"_s, first, u"nosuch"_s});
    QCOMPARE(none.exitCode, 1);
    QCOMPARE(program.logs().size(), 2); // all or nothing
    QCOMPARE(program.run({u"sessions"_s, u"delete"_s, first}).out, "deleted " + first.toUtf8() + '\n');
    QCOMPARE(listed(program), QStringList{u"two"_s});
    QCOMPARE(program.run({u"sessions"_s, u"prune"_s, u"--older-than"_s, u"1d"_s}).out, "");
    QCOMPARE(program.run({u"sessions"_s, u"prune"_s, u"--older-than"_s, u"1ms"_s}).out,
             "deleted " + second.toUtf8() + '\n');
    QCOMPARE(program.logs(), QStringList());
    QCOMPARE(listed(program), QStringList());
}

void tst_SessionsCommand::readsAndResumesWhatItCompressed()
{
    Program program;
    const QString id = session(program);
    const QString plain = program.logs().value(0);
    QCOMPARE(program.run({u"sessions"_s, u"compress"_s, id}).out, plain.toUtf8() + ".zst\n");
    QCOMPARE(program.logs(), QStringList{plain + u".zst"_s});
    QCOMPARE(listed(program, {u"--all"_s}), QStringList{u"first prompt"_s});
    QCOMPARE(program.run({u"sessions"_s, u"compress"_s, id}).exitCode, 0); // again
    program.server.play({sse::message("msg_2", "Again.")});
    QCOMPARE(program.exec({u"resume"_s, u"--last"_s, u"p"_s}).out, "Again.\n");
    QCOMPARE(program.logs(), QStringList{plain});
}

void tst_SessionsCommand::keepsItsHandsOffASessionThatRuns()
{
    Program program;
    program.server.play(ScriptedServer::Answer{.end = ScriptedServer::Answer::End::Stall});
    const auto run = program.start({u"--json"_s, u"p"_s});
    QVERIFY(run->prints("turn.started"));
    const QString id = idOf({run->out(), {}});
    for (const QString &command : {u"archive"_s, u"delete"_s, u"compress"_s}) {
        const Ended refused = program.run({u"sessions"_s, command, id});
        QCOMPARE(refused.exitCode, 1);
        QVERIFY2(refused.err.contains(id.toUtf8()), refused.err);
    }
    QCOMPARE(program.logs().size(), 1);
}

void tst_SessionsCommand::refusesWhatItDoesNotKnow_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<int>("exitCode");
    QTest::newRow("command") << QStringList{u"tidy"_s} << 2;
    QTest::newRow("option") << QStringList{u"list"_s, u"--bogus"_s} << 2;
    QTest::newRow("value") << QStringList{u"list"_s, u"--limit"_s, u"many"_s} << 2;
    QTest::newRow("missing value") << QStringList{u"list"_s, u"--limit"_s} << 2;
    QTest::newRow("too few words") << QStringList{u"rename"_s, u"x"_s} << 2;
    QTest::newRow("too many words") << QStringList{u"reindex"_s, u"x"_s} << 2;
    QTest::newRow("no session") << QStringList{u"archive"_s, u"00000000-0000-0000-0000-000000000000"_s} << 1;
    QTest::newRow("help") << QStringList{u"list"_s, u"--help"_s} << 0;
}

void tst_SessionsCommand::refusesWhatItDoesNotKnow()
{
    QFETCH(const QStringList, words);
    QFETCH(const int, exitCode);
    Program program;
    const Ended ended = program.run(QStringList{u"sessions"_s} + words);
    QCOMPARE(ended.exitCode, exitCode);
    QCOMPARE(ended.err.isEmpty(), exitCode == 0);
}

QTEST_GUILESS_MAIN(tst_SessionsCommand)
#include "tst_sessionscommand.moc"
