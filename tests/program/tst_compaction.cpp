#include "support/program.h"
#include <QTest>
#include <csignal>
#include <utility>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Runs that outgrow the model's context, again and again, and are killed.
class tst_Compaction : public QObject
{
    Q_OBJECT

private slots:
    void survivesBeingKilledWhileItSumsUp();
    void goesOnHoweverOftenItIsKilled();
    void keepsASessionOfTwoHundredTurnsThroughAKill();
};

/// A model with a small context that calls `commands` commands and then answers. It counts what it is sent and
/// refuses what is too long.
class SmallModel
{
public:
    static constexpr int windowTokens = 6000;

    SmallModel(ScriptedServer &server, int commands)
        : m_commands(commands)
    {
        server.pieceSize = 4096;
        server.script = [this](const ScriptedServer::Request &request) { return answer(request); };
    }

    int stallAtSummary = 0; ///< The summary that never comes, counted from 1.
    int summaries = 0;      ///< Asked for.
    bool stallsNow = false; ///< At the next request, whatever it asks for.
    bool hasStalled = false;
    int overflows = 0;
    qint64 paidTokens = 0;

private:
    ScriptedServer::Answer answer(const ScriptedServer::Request &request)
    {
        const int tokens = int(request.body.size() / 4);
        overflows += tokens > windowTokens;
        if (request.asksForSummary() && ++summaries == stallAtSummary)
            return {.end = ScriptedServer::Answer::End::Stall};
        if (std::exchange(stallsNow, false)) {
            hasStalled = true;
            return {.end = ScriptedServer::Answer::End::Stall};
        }
        paidTokens += tokens;
        return {.body = sse::stream({sse::created(), item(request), sse::completed(tokens, 0, 0, 0)})};
    }

    QByteArray item(const ScriptedServer::Request &request)
    {
        const QByteArray number = QByteArray::number(m_called);
        if (request.asksForSummary())
            return sse::message("s" + number, "Called " + number + ".");
        if (m_called == m_commands)
            return sse::message("m", "All done.");
        ++m_called;
        return sse::command("call_" + number, "echo step " + number + " " + QByteArray("padding ").repeated(60));
    }

    const int m_commands;
    int m_called = 0;
};

static QStringList flags(const QStringList &more)
{
    return QStringList{u"--json"_s, u"--dangerously-bypass-approvals-and-sandbox"_s, u"-c"_s,
                       u"model_context_window=%1"_s.arg(SmallModel::windowTokens)} +
           more;
}

static int linesOfType(const std::vector<JsonDocument> &log, QByteArrayView type)
{
    return int(
        std::ranges::count_if(log, [&](const JsonDocument &line) { return line.root()["type"].utf8() == type; }));
}

void tst_Compaction::survivesBeingKilledWhileItSumsUp()
{
    Program program;
    SmallModel model(program.server, 30);
    model.stallAtSummary = 2;
    const auto run = program.start(flags({u"the long task"_s}));
    QTRY_COMPARE_WITH_TIMEOUT(model.summaries, 2, 20'000);
    run->send(SIGKILL);
    QCOMPARE(run->wait().signal, SIGKILL);
    const Ended ended = program.exec(flags({u"resume"_s, u"--last"_s, u"go on"_s}));
    QVERIFY2(ended.exitCode == 0, ended.err);
    QVERIFY2(ended.out.contains("All done."), ended.out);
    QCOMPARE(program.server.violations(), QStringList());
    QCOMPARE(model.overflows, 0);
    QVERIFY(model.summaries >= 3);
    // Each summary that was paid for is in the log, and only the one that never came was asked for again.
    QCOMPARE(linesOfType(program.log(), "compacted"), model.summaries - 1);
    QVERIFY2(ended.out.contains(R"("input_tokens":)" + QByteArray::number(model.paidTokens) + ','), ended.out);
    QVERIFY(program.server.requests().back().input().contains("the long task"));
}

void tst_Compaction::goesOnHoweverOftenItIsKilled()
{
    Program program;
    SmallModel model(program.server, 60);
    Ended ended = [&] {
        const auto run = program.start(flags({u"the long task"_s}));
        run->killAfterLines(9);
        return run->wait();
    }();
    for (int kill = 1; kill <= 5 && ended.signal == SIGKILL; ++kill) {
        const auto run = program.start(flags({u"resume"_s, u"--last"_s, u"go on"_s}));
        run->killAfterLines(10 + 3 * kill);
        ended = run->wait();
    }
    ended = program.exec(flags({u"resume"_s, u"--last"_s, u"go on"_s}));
    QVERIFY2(ended.exitCode == 0 && ended.out.contains("All done."), ended.err + ended.out);
    QCOMPARE(program.server.violations(), QStringList());
    QCOMPARE(model.overflows, 0);
    QVERIFY(linesOfType(program.log(), "compacted") >= 3);
}

void tst_Compaction::keepsASessionOfTwoHundredTurnsThroughAKill()
{
    Program program;
    SmallModel model(program.server, 0);
    const QString padding = u" and more of the same"_s.repeated(40);
    for (int turn = 1; turn <= 200; ++turn) {
        const QString prompt = u"Step %1"_s.arg(turn) + padding;
        model.stallsNow = turn == 100;
        const auto run =
            program.start(flags(turn == 1 ? QStringList{prompt} : QStringList{u"resume"_s, u"--last"_s, prompt}));
        if (turn == 100) {
            QTRY_VERIFY_WITH_TIMEOUT(model.hasStalled, 20'000);
            run->send(SIGKILL);
        }
        const Ended ended = run->wait();
        QVERIFY2(turn == 100 ? ended.signal == SIGKILL : ended.exitCode == 0, ended.err + ended.out);
    }
    QCOMPARE(program.server.violations(), QStringList());
    QCOMPARE(model.overflows, 0);
    const auto log = program.log();
    QVERIFY(linesOfType(log, "compacted") >= 10);
    const QByteArrayList lines = kinds(log);
    QCOMPARE(lines.count("event_msg task_started"), 200);
    QCOMPARE(lines.count("event_msg task_complete"), 199);
    QCOMPARE(lines.count("event_msg turn_aborted"), 1); // the one that was killed, told by the next
}

QTEST_GUILESS_MAIN(tst_Compaction)
#include "tst_compaction.moc"
