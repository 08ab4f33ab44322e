#include "support/toolsession.h"

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

/// Commands that go on after their call.
class tst_StdinTool : public QObject
{
    Q_OBJECT

private slots:
    void typesIntoATerminal();
    void endsInputOfATerminal();
    void interrupts_data();
    void interrupts();
    void pollsUntilTheEnd();
    void reportsAnEndThatNobodyWaitedFor();
    void keepsStdinClosedWithoutATerminal();
    void knowsNoOtherSessions_data();
    void knowsNoOtherSessions();
    void explainsWrongArguments_data();
    void explainsWrongArguments();
    void makesNoItemsOfItsOwn();
    void cancelKillsTheCommand();
};

/// Starts a command that outlives its call and returns its number; -1 when it did not.
static int begun(ToolSession &session, const QByteArray &arguments)
{
    const QByteArray text = session.ask(u"exec_command"_s, arguments);
    constexpr QByteArrayView label = "Process running with session ID ";
    const qsizetype at = text.indexOf(label);
    return at < 0 ? -1 : text.sliced(at + label.size(), text.indexOf('\n', at) - at - label.size()).toInt();
}

/// The time is up to which a command may take to end; typing at one that goes on takes all of it.
static QByteArray typed(ToolSession &session, int number, const QByteArray &text, int waitMs = 30'000)
{
    return session.ask(u"write_stdin"_s, R"({"session_id":)" + QByteArray::number(number) + R"(,"chars":")" + text +
                                             R"(","yield_time_ms":)" + QByteArray::number(waitMs) + '}');
}

void tst_StdinTool::typesIntoATerminal()
{
    ToolSession session;
    const int number = begun(session, R"({"cmd":"read a; echo got $a","tty":true,"yield_time_ms":1})");
    QVERIFY(number >= 1000 && number < 100'000);
    QCOMPARE(typed(session, number, "x", 1), replyOf("running with session ID " + QByteArray::number(number), "x"));
    QCOMPARE(typed(session, number, "yz\\n"), replyOf("exited with code 0", "yz\r\ngot xyz\r\n"));
}

void tst_StdinTool::endsInputOfATerminal()
{
    ToolSession session;
    const int number = begun(session, R"({"cmd":"cat","tty":true,"yield_time_ms":1})");
    QCOMPARE(typed(session, number, "\\u0004"), replyOf("exited with code 0", ""));
    QCOMPARE(typed(session, number, "\\u0004"), "write_stdin failed: Unknown process id " + QByteArray::number(number));
}

void tst_StdinTool::interrupts_data()
{
    QTest::addColumn<QByteArray>("arguments");
    QTest::newRow("a terminal") << R"({"cmd":"echo ready; exec cat","tty":true,"yield_time_ms":1})"_ba;
    QTest::newRow("a command without one") << R"({"cmd":"echo ready; sleep 1000","yield_time_ms":1})"_ba;
}

void tst_StdinTool::interrupts()
{
    QFETCH(QByteArray, arguments);
    ToolSession session;
    const int number = begun(session, arguments);
    QTRY_VERIFY(session.streamed.contains("ready"));
    const QByteArray reply = typed(session, number, "\\u0003");
    QVERIFY2(reply.contains("Process exited with code 130\n"), reply);
    QCOMPARE(std::get<CommandFinished>(session.events.back()).exitCode, 130);
}

void tst_StdinTool::pollsUntilTheEnd()
{
    ToolSession session;
    const int number =
        begun(session, R"({"cmd":"until [ -e go ]; do sleep 0.01; done; echo two; exit 3","yield_time_ms":1})");
    QVERIFY(QFile(session.path(u"go"_s)).open(QIODevice::WriteOnly));
    QCOMPARE(session.ask(u"write_stdin"_s, R"({"session_id":)" + QByteArray::number(number) + '}'),
             replyOf("exited with code 3", "two\n"));
}

void tst_StdinTool::reportsAnEndThatNobodyWaitedFor()
{
    ToolSession session;
    const int number = begun(session, R"({"cmd":"until [ -e go ]; do sleep 0.01; done; echo done","yield_time_ms":1})");
    QVERIFY(QFile(session.path(u"go"_s)).open(QIODevice::WriteOnly));
    QTRY_COMPARE(session.events.size(), 2); // its item does not wait for a poll
    QCOMPARE(std::get<CommandFinished>(session.events.back()).output, u"done\n"_s);
    QCOMPARE(typed(session, number, "late"), replyOf("exited with code 0", "done\n"));
    QCOMPARE(typed(session, number, ""), "write_stdin failed: Unknown process id " + QByteArray::number(number));
}

void tst_StdinTool::keepsStdinClosedWithoutATerminal()
{
    ToolSession session;
    const int number = begun(session, R"({"cmd":"sleep 1000","yield_time_ms":1})");
    QCOMPARE(
        typed(session, number, "hello\\n"),
        "write_stdin failed: stdin is closed for this session; rerun exec_command with tty=true to keep stdin open"_ba);
}

void tst_StdinTool::knowsNoOtherSessions_data()
{
    QTest::addColumn<QByteArray>("number");
    QTest::newRow("never given out") << "5"_ba;
    QTest::newRow("negative") << "-1"_ba;
    QTest::newRow("beyond any") << "123456789012"_ba;
}

void tst_StdinTool::knowsNoOtherSessions()
{
    QFETCH(QByteArray, number);
    ToolSession session;
    QCOMPARE(session.ask(u"write_stdin"_s, R"({"session_id":)" + number + '}'),
             "write_stdin failed: Unknown process id " + number);
}

void tst_StdinTool::explainsWrongArguments_data()
{
    QTest::addColumn<QByteArray>("arguments");
    QTest::addColumn<QByteArray>("what");
    QTest::newRow("no session") << "{}"_ba << "missing field `session_id`"_ba;
    QTest::newRow("no number") << R"({"session_id":"x"})"_ba << "`session_id` must be a number, not \"x\""_ba;
    QTest::newRow("no text") << R"({"session_id":1,"chars":2})"_ba << "`chars` must be a string, not 2"_ba;
}

void tst_StdinTool::explainsWrongArguments()
{
    QFETCH(QByteArray, arguments);
    QFETCH(QByteArray, what);
    ToolSession session;
    QCOMPARE(session.ask(u"write_stdin"_s, arguments), "failed to parse function arguments: " + what);
}

void tst_StdinTool::makesNoItemsOfItsOwn()
{
    ToolSession session;
    const int number = begun(session, R"({"cmd":"cat","tty":true,"yield_time_ms":1})");
    typed(session, number, "a\\n", 1);
    QCOMPARE(session.events.size(), 1);
    typed(session, number, "\\u0004");
    QCOMPARE(session.events.size(), 2);
    const auto finished = std::get<CommandFinished>(session.events.back());
    QCOMPARE(finished.call, u"call_1"_s);
    QCOMPARE(finished.output, u"a\r\na\r\n"_s);
    QCOMPARE(finished.exitCode, 0);
}

void tst_StdinTool::cancelKillsTheCommand()
{
    ToolSession session;
    const int number = begun(session, R"({"cmd":"sleep 1000","yield_time_ms":1})");
    QObject owner;
    ToolJob *poll = session.box().call(
        {u"poll"_s, u"write_stdin"_s, R"({"session_id":)" + QByteArray::number(number) + '}'}, &owner);
    QSignalSpy finished(poll, &ToolJob::finished);
    poll->cancel();
    QCOMPARE(finished.size(), 0);
    QVERIFY(finished.wait());
    QCOMPARE(ToolSession::textOf(finished.first().first().value<ToolAnswer>().output),
             "Wall time: T seconds\naborted by user"_ba);
    QCOMPARE(std::get<CommandFinished>(session.events.back()).exitCode, std::nullopt);
}

QTEST_GUILESS_MAIN(tst_StdinTool)
#include "tst_stdintool.moc"
