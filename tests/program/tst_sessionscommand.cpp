#include "support/golden.h"
#include "support/program.h"
#include <QTest>
#include <csignal>

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
    void showsEveryRunOfASession();
    void showsPeopleWhatTheySaw();
    void showsWhatAForkSaidItself();
    void showsACompressedSession();
    void showsHowALostTurnEnded();
    void showsTheReferencesSession();
    void showsASessionOf2025_data();
    void showsASessionOf2025();
    void showsAPageToRead();
    void findsWhatWasSaid();
    void repeatsEarlierMessagesToTheOlderProtocol();
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

static QByteArray shown(Program &program, const QString &id, const QString &format)
{
    const Ended ended = program.run({u"sessions"_s, u"show"_s, id, u"--format"_s, format});
    return ended.exitCode == 0 ? ended.out : ended.err;
}

void tst_SessionsCommand::showsEveryRunOfASession()
{
    Program program;
    program.server.play({sse::reasoning("rs_1", "**Looking**"), sse::command("call_1", "echo one; exit 3")});
    program.server.play({sse::message("msg_1", "First.")});
    const Ended first = program.exec({u"--json"_s, u"one"_s});
    program.server.play({sse::message("msg_2", "Second.")});
    const Ended second = program.exec({u"--json"_s, u"resume"_s, u"--last"_s, u"two"_s});
    QCOMPARE(shown(program, idOf(first), u"json"_s), first.out + second.out);
    QCOMPARE(program.run({u"sessions"_s, u"show"_s, idOf(first), u"--json"_s}).out, first.out + second.out);
}

void tst_SessionsCommand::showsPeopleWhatTheySaw()
{
    Program program;
    program.server.play({sse::reasoning("rs_1", "**Looking**"), sse::command("call_1", "echo one; exit 3")});
    program.server.play({sse::message("msg_1", "First.")});
    const Ended run = program.exec({u"one"_s});
    program.run({u"sessions"_s, u"list"_s});
    const auto row = JsonDocument::parse(program.run({u"sessions"_s, u"list"_s, u"--json"_s}).out);
    QVERIFY(row);
    const Ended show = program.run({u"sessions"_s, u"show"_s, row->root()["id"].toString()});
    QCOMPARE(show.out, run.out);
    QCOMPARE("Reading additional input from stdin...\n" + show.err, run.err);
}

void tst_SessionsCommand::showsWhatAForkSaidItself()
{
    Program program;
    const QString parent = session(program);
    program.server.play({sse::message("msg_2", "Otherwise.")});
    const Ended fork = program.exec({u"--json"_s, u"fork"_s, parent, u"and now"_s});
    QCOMPARE(shown(program, idOf(fork), u"json"_s), fork.out);
}

void tst_SessionsCommand::showsACompressedSession()
{
    Program program;
    program.server.play({sse::message("msg_1", "First.")});
    const Ended run = program.exec({u"--json"_s, u"one"_s});
    QCOMPARE(program.run({u"sessions"_s, u"compress"_s, idOf(run)}).exitCode, 0);
    QCOMPARE(shown(program, idOf(run), u"json"_s), run.out);
    QVERIFY(program.logs().value(0).endsWith(u".zst"_s)); // reading leaves it as it is
    QCOMPARE(program.run({u"sessions"_s, u"archive"_s, idOf(run)}).exitCode, 0);
    QCOMPARE(shown(program, idOf(run), u"json"_s), run.out);
}

void tst_SessionsCommand::showsHowALostTurnEnded()
{
    Program program;
    program.server.play({sse::command("call_1", "sleep 600")});
    const auto run = program.start({u"--json"_s, u"p"_s});
    QVERIFY(run->prints("item.started"));
    QVERIFY(!shown(program, idOf({run->out(), {}}), u"json"_s).contains("turn.failed")); // it still runs
    run->send(SIGKILL);
    const Ended killed = run->wait();
    const QByteArray expected =
        killed.out +
        R"({"type":"item.completed","item":{"id":"item_0","type":"command_execution","command":"/bin/bash -lc 'sleep 600'",)" +
        R"("aggregated_output":"","exit_code":null,"status":"failed"}})" + '\n' +
        R"({"type":"turn.failed","error":{"message":"the process that ran this turn was lost","code":"process_lost"}})" +
        '\n';
    QCOMPARE(shown(program, idOf(killed), u"json"_s), expected);
}

/// Puts a log into the session folder; its id.
static QString logOf(Program &program, const QByteArray &log)
{
    const QString id = u"01a1fbce-612f-7362-a1a6-e4356cdc164a"_s;
    program.write(u"../state/sessions/2025/09/11/rollout-2025-09-11T10-00-00-"_s + id + u".jsonl"_s, log);
    return id;
}

void tst_SessionsCommand::showsTheReferencesSession()
{
    QFile log(QStringLiteral(TEST_DATA "/../store/reference.jsonl"));
    QVERIFY(log.open(QIODevice::ReadOnly));
    Program program;
    const QString id = logOf(program, log.readAll());
    QVERIFY(matchesGolden(QStringLiteral(TEST_DATA "/reference.thread.jsonl"), shown(program, id, u"json"_s)));
    QVERIFY(matchesGolden(QStringLiteral(TEST_DATA "/reference.protocol.jsonl"),
                          program.plain(shown(program, id, u"protocol"_s))));
}

void tst_SessionsCommand::showsASessionOf2025_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("with events") << u"autumn-2025"_s;
    QTest::newRow("the conversation alone") << u"summer-2025"_s;
}

void tst_SessionsCommand::showsASessionOf2025()
{
    QFETCH(const QString, name);
    QFile log(QStringLiteral(TEST_DATA "/%1.log.jsonl").arg(name));
    QVERIFY(log.open(QIODevice::ReadOnly));
    Program program;
    const QString id = logOf(program, log.readAll());
    QVERIFY(matchesGolden(QStringLiteral(TEST_DATA "/%1.thread.jsonl").arg(name), shown(program, id, u"json"_s)));
}

void tst_SessionsCommand::showsAPageToRead()
{
    Program program;
    program.server.play({sse::command("call_1", "echo one")});
    program.server.play({sse::message("msg_1", "**Done.**")});
    const QString id = idOf(program.exec({u"--json"_s, u"Look around"_s}));
    const QByteArray page = shown(program, id, u"markdown"_s);
    QVERIFY2(page.startsWith("# Session " + id.toUtf8() + "\n\n- workdir: `"), page);
    QVERIFY2(
        page.endsWith("## User\n\nLook around\n\n```console\n$ /bin/bash -lc 'echo one'\none\n```\n\n*exit code 0*\n\n"
                      "## Agent\n\n**Done.**\n\n"),
        page);
}

void tst_SessionsCommand::findsWhatWasSaid()
{
    Program program;
    session(program, u"Why is the moon red?"_s);
    const QString other = session(program, u"Count the files"_s);
    const Ended found = program.run({u"sessions"_s, u"search"_s, u"THE FILES"_s});
    QVERIFY2(found.out.startsWith(other.toUtf8()) && found.out.endsWith("    Count the files\n"), found.out);
    QCOMPARE(found.out.count('\n'), 2);
    QCOMPARE(program.run({u"sessions"_s, u"search"_s, u"an answer"_s}).out.count('\n'), 4);
    QCOMPARE(program.run({u"sessions"_s, u"search"_s, u"nowhere"_s}).exitCode, 1);
}

void tst_SessionsCommand::repeatsEarlierMessagesToTheOlderProtocol()
{
    Program program;
    const QString id = session(program);
    program.server.play({sse::message("msg_2", "Again.")});
    const Ended ended = program.exec({u"--json=protocol"_s, u"resume"_s, id, u"p"_s});
    const auto configured = JsonDocument::parse(ended.out.split('\n').value(2));
    QVERIFY(configured);
    QByteArrayList types;
    for (const JsonView message : configured->root()["msg"]["initial_messages"].items())
        types += message["type"].utf8().toByteArray();
    QCOMPARE(types, (QByteArrayList{"task_started", "user_message", "agent_message", "token_count", "task_complete"}));
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
