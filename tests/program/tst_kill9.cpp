#include "support/filetree.h"
#include "support/program.h"
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_Kill9 : public QObject
{
    Q_OBJECT

private slots:
    void losesNothingThatWasTold_data();
    void losesNothingThatWasTold();
};

using Moment = std::function<void(Program &, Run &)>;

static QByteArray marker()
{
    return QByteArray::number(200'000 + QCoreApplication::applicationPid()) + ".5";
}

static void playRun(ScriptedServer &server)
{
    server.play({sse::reasoning("rs_1", "**Looking**"), sse::message("msg_1", "I begin."),
                 sse::command("call_1", "(setsid sleep " + marker() + " &); sleep 0.1; echo first"),
                 sse::command("call_2", "echo second")});
    server.play({sse::patch("call_3", "*** Begin Patch\n*** Add File: notes.md\n+of the night\n*** End Patch\n")});
    server.play({sse::command("call_4", "cat notes.md")});
    server.otherwise = ScriptedServer::Answer{
        .body = sse::stream({sse::created(), sse::message("msg_2", "All done."), sse::completed()})};
}

void tst_Kill9::losesNothingThatWasTold_data()
{
    QTest::addColumn<Moment>("moment");
    for (int lines = 1; lines <= 13; ++lines) {
        QTest::addRow("after line %d", lines) << Moment([lines](Program &, Run &run) { run.killAfterLines(lines); });
    }
    for (int ms = 5; ms <= 75; ms += 10) {
        QTest::addRow("after %d ms", ms) << Moment([ms](Program &, Run &run) {
            QTest::qWait(ms);
            run.send(SIGKILL);
        });
    }
    for (size_t requests = 1; requests <= 4; ++requests) {
        QTest::addRow("at request %zu", requests) << Moment([requests](Program &program, Run &run) {
            QTRY_VERIFY(program.server.requests().size() >= requests);
            run.send(SIGKILL);
        });
    }
    QTest::newRow("while a command runs") << Moment([](Program &, Run &run) {
        QTRY_COMPARE(processesWith("sleep " + marker()).isEmpty(), false);
        run.send(SIGKILL);
    });
    QTest::newRow("when a patch is written") << Moment([](Program &program, Run &run) {
        QTRY_COMPARE(QFile::exists(program.work() + u"/notes.md"_s), true);
        run.send(SIGKILL);
    });
}

/// The completed items that stdout tells of, each in a few words.
static QByteArrayList toldItems(const QByteArray &out)
{
    QByteArrayList items;
    for (const QByteArray &line : out.first(out.lastIndexOf('\n') + 1).split('\n')) {
        const auto event = JsonDocument::parse(line);
        if (!event || event->root()["type"].utf8() != "item.completed")
            continue;
        const JsonView item = event->root()["item"];
        const QByteArray text = (item["text"].utf8().toByteArray() + item["aggregated_output"].utf8().toByteArray());
        items += item["type"].utf8().toByteArray() + ' ' + text;
    }
    return items;
}

/// The same of a log.
static QByteArrayList recordedItems(const std::vector<JsonDocument> &log)
{
    static const std::pair<const char *, const char *> types[] = {{"agent_message", "agent_message"},
                                                                  {"agent_reasoning", "reasoning"},
                                                                  {"exec_command_end", "command_execution"},
                                                                  {"patch_apply_end", "file_change"}};
    QByteArrayList items;
    for (const JsonDocument &line : log) {
        const JsonView message = line.root()["payload"];
        for (const auto &[recorded, told] : types) {
            if (line.root()["type"].utf8() == "event_msg" && message["type"].utf8() == recorded)
                items += QByteArray(told) + ' ' + message["message"].utf8().toByteArray() +
                         message["text"].utf8().toByteArray() + message["aggregated_output"].utf8().toByteArray();
        }
    }
    return items;
}

/// Whether each turn that began has one end, and those without a good one were lost with their process.
static bool closesEveryTurn(const std::vector<JsonDocument> &log)
{
    int open = 0;
    for (const JsonDocument &line : log) {
        const JsonView message = line.root()["payload"];
        const QByteArrayView type = message["type"].utf8();
        if (line.root()["type"].utf8() != "event_msg")
            continue;
        if (type == "task_started" && ++open > 1)
            return false;
        if (type == "turn_aborted" && !line.root().raw().text.contains("process_lost"))
            return false;
        if ((type == "turn_aborted" || type == "task_complete") && --open < 0)
            return false;
    }
    return open == 0;
}

/// The working tree without its repository.
static FileTree ownFiles(const Program &program)
{
    FileTree tree = readTree(program.work());
    tree.removeIf([](auto file) { return file.key().startsWith(u".git/"_s); });
    return tree;
}

void tst_Kill9::losesNothingThatWasTold()
{
    QFETCH(const Moment, moment);
    Program program;
    playRun(program.server);
    const auto run = program.start({u"--json"_s, u"-s"_s, u"workspace-write"_s, u"p"_s});
    moment(program, *run);
    const Ended killed = run->wait();
    QVERIFY2(killed.signal == SIGKILL || killed.exitCode == 0, killed.err);
    QTRY_COMPARE(processesWith("sleep " + marker()), QByteArrayList());
    const FileTree written{{u"notes.md"_s, "of the night\n"}};
    QTRY_VERIFY2(ownFiles(program) == written || ownFiles(program).isEmpty(),
                 ownFiles(program).keys().join(u' ').toUtf8());

    const Ended ended =
        program.exec({u"--json"_s, u"-s"_s, u"workspace-write"_s, u"resume"_s, u"--last"_s, u"go on"_s});
    if (killed.out.isEmpty() && ended.exitCode == 1)
        return; // there was no session yet
    QVERIFY2(ended.exitCode == 0, ended.err);
    const auto log = program.log();
    const QByteArrayList told = toldItems(killed.out) + toldItems(ended.out);
    QByteArrayList recorded = recordedItems(log);
    // What was recorded and not told any more stands between the two runs.
    while (recorded.size() > told.size())
        recorded.remove(toldItems(killed.out).size());
    QCOMPARE(recorded, told);
    QVERIFY(closesEveryTurn(log));
    QCOMPARE(program.server.violations(), QStringList());
}

QTEST_GUILESS_MAIN(tst_Kill9)
#include "tst_kill9.moc"
