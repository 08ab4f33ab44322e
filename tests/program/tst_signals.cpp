#include "support/forms.h"
#include "support/golden.h"
#include "support/program.h"
#include <QFile>
#include <QTest>
#include <csignal>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

using Answer = ScriptedServer::Answer;

class tst_Signals : public QObject
{
    Q_OBJECT

private slots:
    void endsInGoodOrder_data();
    void endsInGoodOrder();
    void tellsThatItWasInterrupted();
    void interruptsAWaitingRequest();
    void resumesAfterASignal();
    void endsAtOnceAtTheSecondSignal();
    void diesOfASignalBeforeTheRun();
    void stopsWhenNobodyReadsTheOutput_data();
    void stopsWhenNobodyReadsTheOutput();
    void stopsWhenTheOutputCannotBeWritten();
    void runsToTheEndWithoutStdout();
};

/// A command whose process no sandbox and no shell hides: found in the list of processes by its argument.
static QByteArray marker()
{
    return QByteArray::number(100'000 + QCoreApplication::applicationPid()) + ".5";
}

/// The same once as a child and once as one that left its session and its parent.
static QByteArray endlessCommand()
{
    return "echo begun; (setsid sleep " + marker() + " &) ; sleep " + marker();
}

static int bytesIn(int pipe)
{
    int bytes = 0;
    return ::ioctl(pipe, FIONREAD, &bytes) == 0 ? bytes : -1;
}

/// Whether the process still has a handler of its own for it. Source: proc_pid_status(5), SigCgt.
static bool handlesSignal(qint64 pid, int signal)
{
    QFile file(u"/proc/%1/status"_s.arg(pid));
    const QByteArray status = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    const QByteArray caught = status.sliced(status.indexOf("SigCgt:") + 7).trimmed().first(16);
    return caught.toULongLong(nullptr, 16) >> (signal - 1) & 1;
}

void tst_Signals::endsInGoodOrder_data()
{
    QTest::addColumn<int>("signal");
    QTest::addColumn<QString>("sandbox");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("name");
    QTest::newRow("SIGINT") << SIGINT << u"workspace-write"_s << 130 << "SIGINT"_ba;
    QTest::newRow("SIGTERM") << SIGTERM << u"workspace-write"_s << 143 << "SIGTERM"_ba;
    QTest::newRow("SIGHUP") << SIGHUP << u"read-only"_s << 129 << "SIGHUP"_ba;
    QTest::newRow("SIGINT without a sandbox") << SIGINT << u"danger-full-access"_s << 130 << "SIGINT"_ba;
    QTest::newRow("SIGTERM without a sandbox") << SIGTERM << u"danger-full-access"_s << 143 << "SIGTERM"_ba;
}

void tst_Signals::endsInGoodOrder()
{
    QFETCH(const int, signal);
    QFETCH(const QString, sandbox);
    QFETCH(const int, exitCode);
    QFETCH(const QByteArray, name);
    Program program;
    program.write(u"answer"_s, "of the last run");
    program.server.play({sse::command("call_1", endlessCommand())});
    const auto run = program.start({u"--json=protocol"_s, u"-s"_s, sandbox, u"-o"_s, u"answer"_s, u"p"_s});
    QVERIFY2(run->prints("exec_command_output_delta"), run->out());
    QTRY_COMPARE(processesWith("sleep " + marker()).size() >= 2, true);
    run->send(signal);
    const Ended ended = run->wait();
    QCOMPARE(processesWith("sleep " + marker()), QByteArrayList());
    QCOMPARE(ended.exitCode, exitCode);
    QByteArrayList types;
    for (const QByteArray &line : ended.out.trimmed().split('\n').last(3)) {
        const auto message = JsonDocument::parse(line);
        types += message->root()["msg"]["type"].utf8().toByteArray();
    }
    QCOMPARE(types, (QByteArrayList{"exec_command_end", "turn_aborted", "shutdown_complete"}));
    const auto log = program.log();
    QCOMPARE(kinds(log).last(4), (QByteArrayList{"event_msg exec_command_end", "response_item function_call_output",
                                                 "response_item message", "event_msg turn_aborted"}));
    QCOMPARE(log.back().root()["payload"]["reason"].utf8(), "interrupted");
    QCOMPARE(program.read(u"answer"_s), "of the last run");
}

void tst_Signals::tellsThatItWasInterrupted()
{
    Program program;
    program.server.play({sse::command("call_1", "sleep " + marker())});
    const auto run = program.start({u"--json"_s, u"p"_s});
    QTRY_COMPARE(processesWith("sleep " + marker()).isEmpty(), false);
    run->send(SIGINT);
    const Ended ended = run->wait();
    QByteArray out = program.plain(ended.out);
    QVERIFY(matchesGolden(QStringLiteral(TEST_DATA "/interrupted.thread.jsonl"), out.replace(marker(), "LONG")));
    QCOMPARE(ended.exitCode, 130);
}

void tst_Signals::interruptsAWaitingRequest()
{
    Program program;
    program.server.play(
        Answer{.body = sse::stream({sse::created(), sse::message("msg_1", "So far.")}), .end = Answer::End::Stall});
    const auto run = program.start({u"--json"_s, u"p"_s});
    QVERIFY2(run->prints("So far."), run->out());
    run->send(SIGINT);
    const Ended ended = run->wait();
    QVERIFY2(ended.out.endsWith("{\"type\":\"turn.failed\",\"error\":{\"message\":\"the run was stopped by SIGINT\","
                                "\"code\":\"interrupted\"}}\n"),
             ended.out);
    QCOMPARE(ended.exitCode, 130);
}

void tst_Signals::resumesAfterASignal()
{
    Program program;
    program.server.play({sse::command("call_1", "echo begun; sleep " + marker())});
    const auto run = program.start({u"--json=protocol"_s, u"first"_s});
    QVERIFY2(run->prints("exec_command_output_delta"), run->out());
    run->send(SIGTERM);
    QCOMPARE(run->wait().exitCode, 143);
    program.server.play({sse::message("msg_1", "Went on.")});
    QCOMPARE(program.exec({u"resume"_s, u"--last"_s, u"second"_s}).out, "Went on.\n");
    const QByteArray before = program.server.requests().at(0).input(), input = program.server.requests().at(1).input();
    QVERIFY(input.startsWith(before));
    const QByteArray added = input.sliced(before.size());
    const qsizetype output = added.indexOf("aborted by user"), aborted = added.indexOf("<turn_aborted>");
    QVERIFY2(output >= 0 && output < aborted && aborted < added.indexOf("\"second\""), added);
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Signals::endsAtOnceAtTheSecondSignal()
{
    Program program;
    int pipe[2]; // which nobody reads: the run hangs in the middle of its answer
    QVERIFY(::pipe2(pipe, O_CLOEXEC) == 0);
    const int pipeBytes = fcntl(pipe[1], F_SETPIPE_SZ, 4 * 4096);
    program.inChild = [&pipe] { ::dup2(pipe[1], STDOUT_FILENO); };
    program.server.pieceSize = 4096;
    program.server.play({sse::message("msg_1", QByteArray(pipeBytes + 1, 'x'))});
    const auto run = program.start({u"--json"_s, u"p"_s});
    QTRY_COMPARE(bytesIn(pipe[0]) > pipeBytes / 2, true); // some of the answer, and there is no room for all
    run->send(SIGINT);
    QTRY_COMPARE(handlesSignal(run->pid(), SIGINT), false);
    run->send(SIGINT);
    QCOMPARE(run->wait().signal, SIGINT);
    ::close(pipe[0]);
    ::close(pipe[1]);
}

void tst_Signals::diesOfASignalBeforeTheRun()
{
    Program program;
    int pipe[2]; // which never ends
    QVERIFY(::pipe2(pipe, O_CLOEXEC) == 0);
    program.inChild = [&pipe] { ::dup2(pipe[0], STDIN_FILENO); };
    const auto run = program.start({u"p"_s});
    QVERIFY(run->says("Reading additional input from stdin..."));
    run->send(SIGINT);
    QCOMPARE(run->wait(), (Ended{"", "Reading additional input from stdin...\n", -1, SIGINT}));
    QCOMPARE(program.logs(), QStringList());
    ::close(pipe[0]);
    ::close(pipe[1]);
}

void tst_Signals::stopsWhenNobodyReadsTheOutput_data()
{
    addForms();
}

void tst_Signals::stopsWhenNobodyReadsTheOutput()
{
    QFETCH(const QString, form);
    Program program;
    int pipe[2];
    QVERIFY(::pipe2(pipe, O_CLOEXEC) == 0);
    program.inChild = [&pipe] { ::dup2(pipe[1], STDOUT_FILENO); };
    program.server.play({sse::command("call_1", "until [ -e go ]; do sleep 0.01; done; echo 1"),
                         sse::command("call_2", "sleep " + marker())});
    const auto run = program.start({form, u"-s"_s, u"workspace-write"_s, u"p"_s});
    QTRY_COMPARE(processesWith("sleep " + marker()).isEmpty(), false);
    ::close(pipe[1]);
    ::close(pipe[0]);
    program.write(u"go"_s, {});
    const Ended ended = run->wait();
    QCOMPARE(processesWith("sleep " + marker()), QByteArrayList());
    QCOMPARE(ended.exitCode, 141);
    QCOMPARE(ended.err, "Reading additional input from stdin...\n");
    const auto log = program.log();
    QCOMPARE(kinds(log).last(), "event_msg turn_aborted");
    QCOMPARE(log.back().root()["payload"]["reason"].utf8(), "interrupted");
}

void tst_Signals::stopsWhenTheOutputCannotBeWritten()
{
    Program program;
    program.inChild = [] { ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO); };
    const Ended ended = program.exec({u"--json"_s, u"p"_s});
    QCOMPARE(ended, (Ended{"", "Reading additional input from stdin...\n", 141, 0}));
    QCOMPARE(kinds(program.log()).last(), "event_msg turn_aborted");
}

void tst_Signals::runsToTheEndWithoutStdout()
{
    Program program;
    program.inChild = [] { ::close(STDOUT_FILENO); };
    program.server.play({sse::message("msg_1", "Unheard.")});
    QCOMPARE(program.exec({u"--json"_s, u"-o"_s, u"answer"_s, u"p"_s}).exitCode, 0);
    QCOMPARE(program.read(u"answer"_s), "Unheard.");
}

QTEST_GUILESS_MAIN(tst_Signals)
#include "tst_signals.moc"
