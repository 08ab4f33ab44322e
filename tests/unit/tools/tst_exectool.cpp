#include "support/toolsession.h"
#include "tools/answerjob.h"

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;
using Mode = SandboxPolicy::Mode;

class tst_ExecTool : public QObject
{
    Q_OBJECT

private slots:
    void runsACommandAndTellsIt();
    void reportsHowItEnded_data();
    void reportsHowItEnded();
    void streamsOutputWhileItRuns();
    void choosesTheShell_data();
    void choosesTheShell();
    void runsInTheFolderAskedFor();
    void completesAnItemForAMissingFolder();
    void explainsWrongArguments_data();
    void explainsWrongArguments();
    void refusesToLeaveTheSandbox();
    void refusesALoginShellThatIsSwitchedOff();
    void showsWhatOlderModelsCall_data();
    void showsWhatOlderModelsCall();
    void killsAtAnOlderToolsTimeout();
    void givesLocalShellItsVariables();
    void keepsSecretsFromCommands();
    void writesNothingWhenReadOnly();
    void replacesWhatIsNotUtf8();
    void keepsHugeOutputWithinBounds();
    void runsCallsSideBySide();
    void cancelKillsAndAnswers();
    void deletingACallIsSilent();
    void appliesAPatchInsteadOfRunningIt_data();
    void appliesAPatchInsteadOfRunningIt();
};

using Events = std::vector<Event>;

static CommandLine line(const ToolSession &session, const QString &script)
{
    return {{u"/bin/bash"_s, u"-c"_s, script}, session.settings.cwd};
}

/// The facts with what differs from run to run taken out.
static Events facts(Events events)
{
    for (Event &event : events) {
        if (auto *finished = std::get_if<CommandFinished>(&event))
            finished->duration = {};
    }
    return events;
}

void tst_ExecTool::runsACommandAndTellsIt()
{
    ToolSession session;
    QCOMPARE(session.ask(u"exec_command"_s, R"({"cmd":"echo out; echo err >&2"})"),
             replyOf("exited with code 0", "out\nerr\n"));
    const CommandLine command = line(session, u"echo out; echo err >&2"_s);
    QCOMPARE(facts(session.events),
             (Events{CommandStarted{u"call_1"_s, command}, CommandFinished{u"call_1"_s, command, u"out\nerr\n"_s, 0}}));
}

void tst_ExecTool::reportsHowItEnded_data()
{
    QTest::addColumn<QByteArray>("arguments");
    QTest::addColumn<QByteArray>("reply");
    QTest::newRow("failure") << R"({"cmd":"echo x; exit 7"})"_ba << replyOf("exited with code 7", "x\n");
    QTest::newRow("signal") << R"({"cmd":"kill -9 $$"})"_ba << replyOf("exited with code 137", "");
    QTest::newRow("nothing to read") << R"({"cmd":"cat"})"_ba << replyOf("exited with code 0", "");
    QTest::newRow("no command at all") << R"({"cmd":""})"_ba << replyOf("exited with code 0", "");
    QTest::newRow("force is no reason to refuse")
        << R"({"cmd":"rm -rf none && echo gone"})"_ba << replyOf("exited with code 0", "gone\n");
    QTest::newRow("terminal") << R"({"cmd":"test -t 0 && stty size","tty":true})"_ba
                              << replyOf("exited with code 0", "24 80\r\n");
    QTest::newRow("unknown and empty arguments")
        << R"({"cmd":"echo hi","workdir":null,"bogus":1,"workdir":""})"_ba << replyOf("exited with code 0", "hi\n");
    QTest::newRow("less output than there is")
        << R"({"cmd":"seq 5","max_output_tokens":0})"_ba
        << QByteArray("Chunk ID: XXXXXX\nWall time: T seconds\nProcess exited with code 0\nOriginal token count: 3\n"
                      "Output:\nWarning: truncated output (original token count: 3)\nTotal output lines: 5\n\n"
                      "…3 tokens truncated…");
}

void tst_ExecTool::reportsHowItEnded()
{
    QFETCH(QByteArray, arguments);
    ToolSession session;
    QTEST(session.ask(u"exec_command"_s, arguments), "reply");
}

void tst_ExecTool::streamsOutputWhileItRuns()
{
    ToolSession session;
    QByteArray streamed;
    connect(&session.box(), &ToolBox::event, this, [&](const Event &event) {
        if (const auto *output = std::get_if<CommandOutput>(&event); output && output->call == "call_1"_L1) {
            streamed += output->chunk;
            QFile(session.path(u"seen"_s)).open(QIODevice::WriteOnly); // lets it go on
        }
    });
    session.ask(u"exec_command"_s, R"({"cmd":"echo first; until [ -e seen ]; do sleep 0.01; done; echo second"})");
    QCOMPARE(streamed, "first\nsecond\n"_ba);
}

void tst_ExecTool::choosesTheShell_data()
{
    QTest::addColumn<QByteArray>("shell");
    QTest::addColumn<QStringList>("argv");
    QTest::newRow("the user's") << ""_ba << QStringList{u"/bin/bash"_s, u"-c"_s, u"true"_s};
    QTest::newRow("by its name") << R"("shell":"bash",)"_ba << QStringList{u"/bin/bash"_s, u"-c"_s, u"true"_s};
    QTest::newRow("by its path") << R"("shell":"/usr/bin/bash",)"_ba
                                 << QStringList{u"/usr/bin/bash"_s, u"-c"_s, u"true"_s};
    QTest::newRow("no shell") << R"("shell":"python3",)"_ba << QStringList{u"/bin/sh"_s, u"-c"_s, u"true"_s};
    QTest::newRow("no shell, with a path")
        << R"("shell":"/usr/bin/env",)"_ba << QStringList{u"/bin/sh"_s, u"-c"_s, u"true"_s};
    QTest::newRow("login") << R"("login":true,)"_ba << QStringList{u"/bin/bash"_s, u"-lc"_s, u"true"_s};
}

void tst_ExecTool::choosesTheShell()
{
    QFETCH(QByteArray, shell);
    ToolSession session;
    session.settings.allowLoginShell = shell.contains("login");
    session.ask(u"exec_command"_s, '{' + shell + R"("cmd":"true"})");
    QVERIFY(!session.events.empty());
    QTEST(std::get<CommandStarted>(session.events.front()).command.argv, "argv");
}

void tst_ExecTool::runsInTheFolderAskedFor()
{
    ToolSession session;
    QDir(session.settings.cwd).mkdir(u"sub"_s);
    QCOMPARE(session.ask(u"exec_command"_s, R"({"cmd":"pwd","workdir":"sub/../sub"})"),
             replyOf("exited with code 0", session.path(u"sub"_s).toUtf8() + '\n'));
    QCOMPARE(std::get<CommandStarted>(session.events.front()).command.cwd, session.path(u"sub"_s));
}

void tst_ExecTool::completesAnItemForAMissingFolder()
{
    ToolSession session;
    const QString why = u"the working directory `%1` does not exist; without `workdir` commands run in `%2`"_s.arg(
        session.path(u"nope"_s), session.settings.cwd);
    QCOMPARE(session.ask(u"exec_command"_s, R"({"cmd":"ls","workdir":"nope"})"),
             ("exec_command failed: "_L1 + why).toUtf8());
    CommandLine command = line(session, u"ls"_s);
    command.cwd = session.path(u"nope"_s);
    QCOMPARE(facts(session.events),
             (Events{CommandStarted{u"call_1"_s, command}, CommandFinished{u"call_1"_s, command, why, -1}}));
}

void tst_ExecTool::explainsWrongArguments_data()
{
    QTest::addColumn<QByteArray>("arguments");
    QTest::addColumn<QByteArray>("what");
    QTest::newRow("cut off") << R"({"cmd":)"_ba << "line 1, column 8: unexpected end of data"_ba;
    QTest::newRow("nothing") << ""_ba << "missing field `cmd`"_ba;
    QTest::newRow("null") << "null"_ba << "expected a JSON object"_ba;
    QTest::newRow("number for text") << R"({"cmd":5})"_ba << "`cmd` must be a string, not 5"_ba;
    QTest::newRow("text for a switch") << R"({"cmd":"ls","tty":"yes"})"_ba
                                       << "`tty` must be true or false, not \"yes\""_ba;
    QTest::newRow("text for a number") << R"({"cmd":"ls","yield_time_ms":"1s"})"_ba
                                       << "`yield_time_ms` must be a number, not \"1s\""_ba;
    QTest::newRow("less than nothing") << R"({"cmd":"ls","max_output_tokens":-1})"_ba
                                       << "`max_output_tokens` must be a number of 0 or more, not -1"_ba;
    QTest::newRow("unknown permission") << R"({"cmd":"ls","sandbox_permissions":"all"})"_ba
                                        << "`sandbox_permissions` must be use_default or require_escalated, "
                                           "not \"all\""_ba;
}

void tst_ExecTool::explainsWrongArguments()
{
    QFETCH(QByteArray, arguments);
    QFETCH(QByteArray, what);
    ToolSession session;
    QCOMPARE(session.ask(u"exec_command"_s, arguments), "failed to parse function arguments: " + what);
    QCOMPARE(session.events, Events());
}

void tst_ExecTool::refusesToLeaveTheSandbox()
{
    ToolSession session;
    const QByteArray answer =
        session.ask(u"exec_command"_s, R"({"cmd":"ls","sandbox_permissions":"require_escalated","justification":"x"})");
    QVERIFY2(answer.startsWith("approval policy is Never"), answer);
    QCOMPARE(session.events, Events());
}

void tst_ExecTool::refusesALoginShellThatIsSwitchedOff()
{
    ToolSession session;
    QCOMPARE(session.ask(u"exec_command"_s, R"({"cmd":"ls","login":true})"),
             "login shells are switched off by the setting allow_login_shell; leave `login` out or set it to false"_ba);
}

void tst_ExecTool::showsWhatOlderModelsCall_data()
{
    QTest::addColumn<ToolCall>("call");
    QTest::addColumn<QByteArray>("output");
    QTest::newRow("shell with words") << ToolCall{u"c"_s, u"shell"_s, R"({"command":["echo","a b"],"timeout_ms":9000})"}
                                      << "a b\n"_ba;
    QTest::newRow("shell with a line") << ToolCall{u"c"_s, u"shell"_s, R"({"command":"echo a; echo b"})"}
                                       << "a\nb\n"_ba;
    QTest::newRow("shell_command") << ToolCall{u"c"_s, u"shell_command"_s, R"({"command":"echo $0"})"}
                                   << "/bin/bash\n"_ba;
    QTest::newRow("local_shell") << ToolCall{u"c"_s, u"local_shell"_s,
                                             R"({"type":"exec","command":["pwd"],"working_directory":"/"})",
                                             ToolCall::Kind::LocalShell}
                                 << "/\n"_ba;
}

void tst_ExecTool::showsWhatOlderModelsCall()
{
    QFETCH(ToolCall, call);
    QFETCH(QByteArray, output);
    ToolSession session;
    QCOMPARE(session.ask(call), replyOf("exited with code 0", output));
}

void tst_ExecTool::killsAtAnOlderToolsTimeout()
{
    ToolSession session;
    QCOMPARE(session.ask(u"shell"_s, R"({"command":["tail","-f","/dev/null"],"timeout_ms":20})"),
             replyOf("was stopped after its timeout of 20 ms", ""));
    const CommandLine command{{u"tail"_s, u"-f"_s, u"/dev/null"_s}, session.settings.cwd};
    QCOMPARE(facts(session.events),
             (Events{CommandStarted{u"call_1"_s, command}, CommandFinished{u"call_1"_s, command, {}, std::nullopt}}));
}

void tst_ExecTool::givesLocalShellItsVariables()
{
    ToolSession session;
    const ToolCall call{
        u"c"_s, u"local_shell"_s,
        R"({"type":"exec","command":["bash","-c","echo $PAGER $EXTRA"],"env":{"EXTRA":"1","PAGER":"2"}})",
        ToolCall::Kind::LocalShell};
    QCOMPARE(session.ask(call), replyOf("exited with code 0", "2 1\n"));
}

void tst_ExecTool::keepsSecretsFromCommands()
{
    ToolSession session;
    session.environment += {u"MY_API_KEY=k"_s, u"PLAIN=p"_s};
    const QByteArray arguments =
        R"({"cmd":"echo [$MY_API_KEY] $PLAIN $TERM $NIGHTSHIFT_SESSION_ID $NIGHTSHIFT_TOOL_CALL_ID"})";
    QCOMPARE(session.ask(u"exec_command"_s, arguments), replyOf("exited with code 0", "[] p dumb session-1 call_1\n"));
}

void tst_ExecTool::writesNothingWhenReadOnly()
{
    ToolSession session(Mode::ReadOnly);
    const QByteArray arguments = R"({"cmd":"{ echo x > new; } 2>/dev/null; echo $? $CODEX_SANDBOX_NETWORK_DISABLED"})";
    QCOMPARE(session.ask(u"exec_command"_s, arguments), replyOf("exited with code 0", "1 1\n"));
    QVERIFY(!QFile::exists(session.path(u"new"_s)));
}

void tst_ExecTool::replacesWhatIsNotUtf8()
{
    ToolSession session;
    const QByteArray answer = session.ask(u"exec_command"_s, R"({"cmd":"printf 'a\\xffb'"})");
    QCOMPARE(answer, "Chunk ID: XXXXXX\nWall time: T seconds\nProcess exited with code 0\nOriginal token count: 1\n"
                     "Output:\na\uFFFDb"_ba);
    QCOMPARE(std::get<CommandFinished>(session.events.back()).output, u"a\uFFFDb"_s);
}

void tst_ExecTool::keepsHugeOutputWithinBounds()
{
    ToolSession session;
    const QByteArray answer =
        session.ask(u"exec_command"_s, R"({"cmd":"head -c 50000000 /dev/zero | tr '\\0' x","max_output_tokens":1})");
    QCOMPARE(answer, "Chunk ID: XXXXXX\nWall time: T seconds\nProcess exited with code 0\nOriginal token count: "
                     "12500000\nOutput:\nWarning: truncated output (original token count: 12500000)\n"
                     "... 48951424 bytes omitted ...\n\nxx…262151 tokens truncated…xx"_ba);
    const QString output = std::get<CommandFinished>(session.events.back()).output;
    QCOMPARE(output.size(), (1 << 20) + u"\n... 48951424 bytes omitted ...\n"_s.size());
}

void tst_ExecTool::runsCallsSideBySide()
{
    ToolSession session;
    QObject owner;
    // Each waits for the other.
    ToolJob *first = session.box().call(
        {u"one"_s, u"exec_command"_s, R"({"cmd":"touch a; until [ -e b ]; do sleep 0.01; done; echo one"})"}, &owner);
    ToolJob *second = session.box().call(
        {u"two"_s, u"exec_command"_s, R"({"cmd":"touch b; until [ -e a ]; do sleep 0.01; done; echo two"})"}, &owner);
    QSignalSpy firstEnded(first, &ToolJob::finished);
    QSignalSpy secondEnded(second, &ToolJob::finished);
    QTRY_COMPARE(firstEnded.size() + secondEnded.size(), 2);
    const auto answer = [](const QSignalSpy &spy) { return spy.first().first().value<ToolAnswer>(); };
    QCOMPARE(answer(firstEnded).call, u"one"_s);
    QCOMPARE(ToolSession::textOf(answer(firstEnded).output), replyOf("exited with code 0", "one\n"));
    QCOMPARE(answer(secondEnded).call, u"two"_s);
    QCOMPARE(ToolSession::textOf(answer(secondEnded).output), replyOf("exited with code 0", "two\n"));
}

void tst_ExecTool::cancelKillsAndAnswers()
{
    ToolSession session;
    QObject owner;
    ToolJob *job = session.box().call({u"call_1"_s, u"exec_command"_s, R"({"cmd":"echo a; sleep 1000"})"}, &owner);
    QSignalSpy finished(job, &ToolJob::finished);
    connect(&session.box(), &ToolBox::event, job, [job](const Event &event) {
        if (std::holds_alternative<CommandOutput>(event))
            job->cancel();
    });
    QTRY_COMPARE(finished.size(), 1);
    const CommandLine command = line(session, u"echo a; sleep 1000"_s);
    QCOMPARE(facts(session.events), (Events{CommandStarted{u"call_1"_s, command},
                                            CommandFinished{u"call_1"_s, command, u"a\n"_s, std::nullopt}}));
    QCOMPARE(ToolSession::textOf(finished.first().first().value<ToolAnswer>().output),
             "Wall time: T seconds\naborted by user"_ba);
    job->cancel(); // too late, and harmless
    QCoreApplication::processEvents();
    QCOMPARE(finished.size(), 1);
}

void tst_ExecTool::deletingACallIsSilent()
{
    ToolSession session;
    auto owner = std::make_unique<QObject>();
    session.box().call({u"call_1"_s, u"exec_command"_s, R"({"cmd":"sleep 1000"})"}, owner.get());
    owner.reset();
    QSignalSpy settled(&session.box(), &ToolBox::settled);
    session.box().settle();
    QVERIFY(settled.wait());
    QCOMPARE(session.events, (Events{CommandStarted{u"call_1"_s, line(session, u"sleep 1000"_s)}}));
}

void tst_ExecTool::appliesAPatchInsteadOfRunningIt_data()
{
    QTest::addColumn<QString>("tool");
    QTest::addColumn<QByteArray>("arguments");
    const char *patch = R"(*** Begin Patch\n*** Add File: new.txt\n+x\n*** End Patch)";
    QTest::newRow("here-document") << u"exec_command"_s << R"({"cmd":"apply_patch <<'E'\n)"_ba + patch + R"(\nE\n"})";
    QTest::newRow("within a shell's argv")
        << u"shell"_s << R"({"command":["bash","-lc","apply_patch <<E\n)"_ba + patch + R"(\nE"]})";
    QTest::newRow("as a program of that name") << u"shell"_s << R"({"command":["apply_patch",")"_ba + patch + R"("]})";
}

void tst_ExecTool::appliesAPatchInsteadOfRunningIt()
{
    QFETCH(QString, tool);
    QFETCH(QByteArray, arguments);
    ToolSession session;
    const QByteArray reply = session.ask(tool, arguments);
    QVERIFY2(reply.endsWith("Success. Updated the following files:\nA new.txt\n"), reply.constData());
    QCOMPARE(session.events.size(), size_t(2));
    const auto *finished = std::get_if<PatchFinished>(&session.events[1]);
    QVERIFY(finished && finished->success);
    QCOMPARE(session.ask(u"exec_command"_s, R"({"cmd":"cat new.txt"})"), replyOf("exited with code 0", "x\n"));
}

QTEST_GUILESS_MAIN(tst_ExecTool)
#include "tst_exectool.moc"
