#include "store/compression.h"
#include "support/filetree.h"
#include "support/program.h"
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_Sessions : public QObject
{
    Q_OBJECT

private slots:
    void resumesWhatIsNamed_data();
    void resumesWhatIsNamed();
    void keepsTheHistoryByteForByte();
    void findsNoSessionOfAnotherFolder();
    void saysThatAnotherModelRecordedIt();
    void refusesASessionThatRuns();
    void leavesNothingOfAnEphemeralRun();
    void resumesEphemerallyWithoutAppending();
    void forksWithoutTouchingTheParent();
    void forksFromAnEarlierTurn();
    void refusesToForkFromATurnThatIsNotThere();
    void forksWithoutAPrompt();
    void mendsATornLog();
    void resumesALogOfTheReference_data();
    void resumesALogOfTheReference();
};

static QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("no file");
}

/// The session that stdout tells of in its first line.
static QString sessionOf(const Ended &ended)
{
    const auto line = JsonDocument::parse(ended.out.split('\n').first());
    return line ? line->root()["thread_id"].toString() : QString();
}

/// A run with a thought and a command in it; its session's id.
static QString firstRun(Program &program)
{
    program.server.play({sse::reasoning("rs_1", "**Looking**"), sse::command("call_1", "echo one")});
    program.server.play({sse::message("msg_1", "First answer.")});
    return sessionOf(program.exec({u"--json"_s, u"first prompt"_s}));
}

void tst_Sessions::resumesWhatIsNamed_data()
{
    QTest::addColumn<std::function<QString(const QString &)>>("name");
    using Name = std::function<QString(const QString &)>;
    QTest::newRow("id") << Name([](const QString &id) { return id; });
    QTest::newRow("id in capitals") << Name([](const QString &id) { return id.toUpper(); });
    QTest::newRow("prefix") << Name([](const QString &id) { return id.first(8); });
    QTest::newRow("name") << Name([](const QString &) { return u"nightly build"_s; });
    QTest::newRow("last") << Name([](const QString &) { return u"--last"_s; });
}

void tst_Sessions::resumesWhatIsNamed()
{
    QFETCH(const std::function<QString(const QString &)>, name);
    Program program;
    const QString id = firstRun(program);
    program.write(
        u"../state/session_index.jsonl"_s,
        json::object({{"id", id}, {"thread_name", "nightly build"}, {"updated_at", "2026-11-21T01:52:48Z"}}).text +
            '\n');
    program.server.play({sse::message("msg_2", "Second answer.")});
    const Ended ended = program.exec({u"--json"_s, u"resume"_s, name(id), u"second prompt"_s});
    const QByteArray expected =
        R"({"type":"thread.started","thread_id":")" + id.toUtf8() + "\"}\n" + R"({"type":"turn.started"})" + '\n' +
        R"({"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"Second answer."}})" + '\n' +
        R"({"type":"turn.completed","usage":{"input_tokens":3000,"cached_input_tokens":1800,)" +
        R"("cache_write_input_tokens":0,"output_tokens":150,"reasoning_output_tokens":30}})" + '\n';
    QCOMPARE(ended.out, expected);
    QCOMPARE(ended.exitCode, 0);
    QVERIFY(!program.log().empty()); // one session, its ordinals without a gap
    QCOMPARE(program.server.requests().back().headers["session-id"], id.toUtf8());
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Sessions::keepsTheHistoryByteForByte()
{
    Program program;
    program.write(u"AGENTS.md"_s, "Be \"brief\" – \\ always.\n");
    firstRun(program);
    program.server.play({sse::message("msg_2", "Second answer.")});
    QCOMPARE(program.exec({u"resume"_s, u"--last"_s, u"second prompt"_s}).exitCode, 0);
    const QByteArray before = program.server.requests().at(1).input(), after = program.server.requests().at(2).input();
    QVERIFY(after.startsWith(before));
    QCOMPARE(
        after.sliced(before.size()),
        R"(,{"type":"message","role":"assistant","id":"msg_1","content":[{"type":"output_text","text":"First answer."}]},)"
        R"({"type":"message","role":"user","content":[{"type":"input_text","text":"second prompt"}]})");
}

void tst_Sessions::findsNoSessionOfAnotherFolder()
{
    Program program;
    const QString id = firstRun(program);
    program.write(u"sub/file"_s, {});
    const Ended none = program.exec({u"-C"_s, u"sub"_s, u"resume"_s, u"--last"_s, u"p"_s});
    QCOMPARE(none.out, "");
    QCOMPARE(none.exitCode, 1);
    program.server.play({sse::message("msg_2", "Here.")});
    const Ended all = program.exec({u"--json"_s, u"-C"_s, u"sub"_s, u"resume"_s, u"--last"_s, u"--all"_s, u"p"_s});
    QCOMPARE(sessionOf(all), id);
    QCOMPARE(all.exitCode, 0);
}

void tst_Sessions::saysThatAnotherModelRecordedIt()
{
    Program program;
    firstRun(program);
    program.server.play({sse::message("msg_2", "Here.")});
    const Ended ended = program.exec({u"--json"_s, u"-m"_s, u"gpt-5.1-codex"_s, u"resume"_s, u"--last"_s, u"p"_s});
    QVERIFY2(ended.out.contains("This session was recorded with model `gpt-5.5` but is resuming with `gpt-5.1-codex`."),
             ended.out);
    QCOMPARE(ended.exitCode, 0);
}

void tst_Sessions::refusesASessionThatRuns()
{
    Program program;
    program.server.play(ScriptedServer::Answer{.end = ScriptedServer::Answer::End::Stall});
    const auto run = program.start({u"--json"_s, u"p"_s});
    QVERIFY(run->prints("turn.started"));
    const Ended second = program.exec({u"--json"_s, u"resume"_s, u"--last"_s, u"p"_s});
    QCOMPARE(second.out, "");
    QVERIFY2(second.err.contains("already has an active writer"), second.err);
    QCOMPARE(second.exitCode, 1);
}

void tst_Sessions::leavesNothingOfAnEphemeralRun()
{
    Program program;
    const FileTree before = readTree(program.state());
    program.server.play({sse::message("msg_1", "Gone.")});
    QCOMPARE(program.exec({u"--ephemeral"_s, u"p"_s}).out, "Gone.\n");
    QCOMPARE(readTree(program.state()), before);
    QCOMPARE(readTree(program.home()), FileTree());
}

void tst_Sessions::resumesEphemerallyWithoutAppending()
{
    Program program;
    const QString id = firstRun(program);
    const FileTree before = readTree(program.state());
    program.server.play({sse::message("msg_2", "Gone.")});
    const Ended ended = program.exec({u"--json"_s, u"--ephemeral"_s, u"resume"_s, id, u"p"_s});
    QCOMPARE(sessionOf(ended), id);
    QCOMPARE(ended.exitCode, 0);
    QVERIFY(program.server.requests().at(2).input().startsWith(program.server.requests().at(1).input()));
    QCOMPARE(readTree(program.state()), before);
}

void tst_Sessions::forksWithoutTouchingTheParent()
{
    Program program;
    const QString parent = firstRun(program);
    const QString parentLog = program.logs().value(0);
    const QByteArray before = contents(parentLog);
    program.server.play({sse::message("msg_2", "Forked.")});
    const Ended ended = program.exec({u"--json"_s, u"fork"_s, parent, u"second prompt"_s});
    const QString fork = sessionOf(ended);
    QCOMPARE(ended.exitCode, 0);
    QVERIFY(!fork.isEmpty() && fork != parent);
    QCOMPARE(contents(parentLog), before);
    QCOMPARE(program.logs().size(), 2);
    QVERIFY(program.server.requests().at(2).input().startsWith(program.server.requests().at(1).input()));
    QVERIFY(program.server.requests().at(2).body.contains("\"prompt_cache_key\":\"" + fork.toUtf8()));
    QVERIFY2(ended.out.contains("\"usage\":{\"input_tokens\":3000,"), ended.out); // the parent's counts
    QFile::remove(parentLog);                                                     // a bundle must stand alone
    program.server.play({sse::message("msg_3", "Alone.")});
    QCOMPARE(program.exec({u"resume"_s, fork, u"third prompt"_s}).out, "Alone.\n");
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Sessions::forksFromAnEarlierTurn()
{
    Program program;
    const QString parent = firstRun(program);
    program.server.play({sse::message("msg_2", "Second.")});
    QCOMPARE(program.exec({u"resume"_s, parent, u"second prompt"_s}).exitCode, 0);
    program.server.play({sse::message("msg_3", "Another second.")});
    QCOMPARE(program.exec({u"fork"_s, parent, u"--at-turn"_s, u"1"_s, u"other prompt"_s}).out, "Another second.\n");
    const QByteArray asked = program.server.requests().at(3).body;
    QVERIFY(asked.contains("other prompt"));
    QVERIFY2(!asked.contains("second prompt") && !asked.contains("Second."), asked);
    QVERIFY(program.server.requests().at(3).input().startsWith(program.server.requests().at(1).input()));
}

void tst_Sessions::refusesToForkFromATurnThatIsNotThere()
{
    Program program;
    const QString parent = firstRun(program);
    const Ended ended = program.exec({u"fork"_s, parent, u"--at-turn"_s, u"2"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 1);
    QVERIFY2(ended.err.contains("turn 2 was asked for, but the log has only 1"), ended.err);
    QCOMPARE(program.logs().size(), 1);
}

void tst_Sessions::forksWithoutAPrompt()
{
    Program program;
    const QString parent = firstRun(program);
    const Ended ended = program.exec({u"--json"_s, u"fork"_s, parent});
    QCOMPARE(program.plain(ended.out), "{\"type\":\"thread.started\",\"thread_id\":\"ID\"}\n");
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(program.server.requests().size(), 2u);
    QCOMPARE(program.logs().size(), 2);
}

void tst_Sessions::mendsATornLog()
{
    Program program;
    firstRun(program);
    QFile log(program.logs().value(0));
    QVERIFY(log.open(QIODevice::Append));
    log.write(R"({"timestamp":"2026-11-21T01:52:48.987Z","ordinal":99,"type":"event_m)");
    log.close();
    program.server.play({sse::message("msg_2", "Whole.")});
    QCOMPARE(program.exec({u"resume"_s, u"--last"_s, u"p"_s}).out, "Whole.\n");
    QVERIFY(!program.log().empty());
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Sessions::resumesALogOfTheReference_data()
{
    QTest::addColumn<bool>("packed");
    QTest::newRow("plain") << false;
    QTest::newRow("compressed") << true;
}

void tst_Sessions::resumesALogOfTheReference()
{
    QFETCH(const bool, packed);
    Program program;
    const QString reference = QStringLiteral(TEST_DATA "/../store/reference.jsonl");
    const QString log = program.write(u"../state/sessions/2026/11/21/rollout-2026-11-21T01-52-48-"
                                      "01a1fbce-612f-7362-a1a6-e4356cdc164a.jsonl"_s,
                                      contents(reference));
    if (packed) {
        QVERIFY(store::fromModule(QStringLiteral(ARCHIVE_MODULE), store::compressSymbol)(log, log + u".zst"_s));
        QVERIFY(QFile::remove(log));
    }
    program.server.play({sse::message("msg_2", "Went on.")});
    const Ended ended = program.exec({u"resume"_s, u"01a1fbce-612f-7362-a1a6-e4356cdc164a"_s, u"second prompt"_s});
    QCOMPARE(ended.out, "Went on.\n");
    QByteArrayList recorded, asked;
    const auto request = JsonDocument::parse(program.server.requests().at(0).body);
    for (const JsonView item : request->root()["input"].items())
        asked += item.raw().text;
    // The reference's own bookkeeping inside an item, which servers refuse, is not sent.
    static const QRegularExpression bookkeeping(u",\"internal_chat_message_metadata_passthrough\":.*}$"_s);
    for (const QByteArray &line : contents(reference).trimmed().split('\n')) {
        const auto document = JsonDocument::parse(line);
        if (document->root()["type"].utf8() == "response_item")
            recorded += QString::fromUtf8(document->root()["payload"].raw().text).replace(bookkeeping, u"}"_s).toUtf8();
    }
    QVERIFY(asked.value(0).contains("Placeholder instructions."));
    QCOMPARE(asked.mid(1, recorded.size()), recorded);
    QVERIFY(asked.last().contains("second prompt"));
    QVERIFY(contents(log).startsWith(contents(reference)));
    QVERIFY(!program.log().empty());
}

QTEST_GUILESS_MAIN(tst_Sessions)
#include "tst_sessions.moc"
