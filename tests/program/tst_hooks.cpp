#include "support/badhooks.h"
#include "support/program.h"
#include <QFileInfo>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::test;

/// Hooks of files and of settings, as the built program runs them.
class tst_Hooks : public QObject
{
    Q_OBJECT

private slots:
    void asksTheFileBeforeACommandRuns();
    void tellsThePersonWhoDecided();
    void endsWithElevenWhenThePromptIsDenied();
    void endsWithElevenWhereAFailureShallAbort();
    void refusesAFileThatIsNone();
    void runsNothingWhateverAScriptDoes_data();
    void runsNothingWhateverAScriptDoes();
    void runsNothingWhateverABatchScriptDoes_data();
    void runsNothingWhateverABatchScriptDoes();
    void endsABatchScriptThatNothingInterrupts();
    void obeysHooksOfTheSettings_data();
    void obeysHooksOfTheSettings();
    void readsTheHooksFileBesideTheSettings();
    void keepsTheUsersHooksBesideAProjectsOwn();
    void skipsTheHooksOfAProjectThatIsNotTrusted();
    void letsAHookAnswerForTheOldProtocol();
    void printsWhatAHookDecides_data();
    void printsWhatAHookDecides();
};

/// Denies commands that touch, and has no other opinion.
static const QByteArray denier = "#!/bin/sh\nread event\n"
                                 "case $event in *'\"hook\":\"onCommand\"'*touch*)\n"
                                 "  echo '{\"decision\":\"deny\",\"reason\":\"make none\"}';;\nesac\n";

static QString hook(Program &program, const QByteArray &script)
{
    program.write(u"hook.sh"_s, script);
    const QString path = program.work() + u"/hook.sh"_s;
    QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return path;
}

/// Of a batch script, after its hooks.
static const QByteArray batchBody = "import { run } from 'nightshift';\n"
                                    "export default () => run({ prompt: 'p', sandbox: 'workspace-write' });\n";

static void playTouch(Program &program)
{
    program.server.play({sse::command("call_1", "touch made")});
    program.server.play({sse::message("msg_1", "Tried.")});
}

static bool isMade(const Program &program)
{
    return QFileInfo::exists(program.work() + u"/made"_s);
}

void tst_Hooks::asksTheFileBeforeACommandRuns()
{
    Program program;
    const QString file = hook(program, denier);
    playTouch(program);
    const Ended ended = program.exec({u"-s"_s, u"workspace-write"_s, u"--json"_s, u"--hooks"_s, file, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QVERIFY(!isMade(program));
    QVERIFY2(ended.out.contains("\"hook\":\"onCommand\",\"decision\":\"deny\",\"by\":\"hook\",\"reason\":\"make none\","
                                "\"call_id\":\"call_1\",\"what\":\"touch made\""),
             ended.out.constData());
    QVERIFY(program.server.requests().back().body.contains("It did not run: touch made"));
}

void tst_Hooks::tellsThePersonWhoDecided()
{
    Program program;
    const QString file = hook(program, denier);
    playTouch(program);
    const Ended ended = program.exec({u"-s"_s, u"workspace-write"_s, u"--hooks"_s, file, u"p"_s});
    QVERIFY2(ended.err.contains("hook: onCommand of " + file.toUtf8() + " about `touch made`: deny: make none\n"),
             ended.err.constData());
}

void tst_Hooks::endsWithElevenWhenThePromptIsDenied()
{
    Program program;
    const QString file = hook(program, "#!/bin/sh\necho 'not at night' >&2\nexit 2\n");
    const Ended ended = program.exec({u"--json"_s, u"--hooks"_s, file, u"p"_s});
    QCOMPARE(ended.exitCode, 11);
    QVERIFY2(ended.out.contains(": not at night\",\"code\":\"hook_denied\"}}\n"), ended.out.constData());
    QCOMPARE(program.server.requests().size(), size_t(0));
}

void tst_Hooks::endsWithElevenWhereAFailureShallAbort()
{
    Program program;
    const QString file = hook(program, "#!/bin/sh\nread event\n"
                                       "case $event in *'\"hook\":\"onCommand\"'*) kill -KILL $$;; esac\n");
    playTouch(program);
    const Ended ended = program.exec(
        {u"-s"_s, u"workspace-write"_s, u"--json"_s, u"--hooks"_s, file, u"--hook-on-failure"_s, u"abort"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 11);
    QVERIFY(!isMade(program));
    QVERIFY2(ended.out.contains("\"by\":\"hook_failure\",\"reason\":\"it was killed by signal 9\""),
             ended.out.constData());
}

void tst_Hooks::refusesAFileThatIsNone()
{
    Program program;
    const Ended ended = program.exec({u"--hooks"_s, u"no_such"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 1);
    QVERIFY2(ended.err.contains("--hooks: there is no file "), ended.err.constData());
    QCOMPARE(program.server.requests().size(), size_t(0));
}

void tst_Hooks::runsNothingWhateverAScriptDoes_data()
{
    QTest::addColumn<QByteArray>("file");
    for (const BadHook &bad : badHooks)
        QTest::newRow(bad.name) << hookFile(bad);
}

void tst_Hooks::runsNothingWhateverAScriptDoes()
{
    QFETCH(const QByteArray, file);
    Program program;
    program.write(u"hook.js"_s, file);
    playTouch(program);
    const Ended ended = program.exec(
        {u"-s"_s, u"workspace-write"_s, u"--json"_s, u"--hooks"_s, u"hook.js"_s, u"--hook-timeout"_s, u"3s"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QVERIFY(!isMade(program));
    QVERIFY2(ended.out.contains("\"hook\":\"onCommand\",\"decision\":\"deny\",\"by\":\"hook_failure\""), ended.out);
    QVERIFY(program.server.requests().back().body.contains("It did not run: touch made"));
    const QByteArrayList known = kinds(program.log());
    QVERIFY2(known.contains("event_msg hook_decided"), known.join('\n'));
}

void tst_Hooks::runsNothingWhateverABatchScriptDoes_data()
{
    runsNothingWhateverAScriptDoes_data();
}

/// Its own hooks run in the batch's process, which ends when the script takes all memory; on a slow machine it is the
/// deadline that comes first.
void tst_Hooks::runsNothingWhateverABatchScriptDoes()
{
    QFETCH(const QByteArray, file);
    Program program;
    program.write(u"s.js"_s, file + batchBody);
    playTouch(program);
    const Ended ended = program.run({u"batch"_s, u"s.js"_s, u"--script-memory"_s, u"128M"_s});
    const bool isStopped = ended.exitCode == 70;
    QVERIFY2(isStopped ? file.contains("1e6") : ended.exitCode == 0, ended.err);
    QCOMPARE(ended.err.contains("Error: the script's process holds more than 128 MiB of memory\n"), isStopped);
    QVERIFY(!isMade(program));
    QByteArray log;
    for (const nightshift::JsonDocument &line : program.log())
        log += line.root().raw().text + '\n';
    QVERIFY2(log.contains("\"type\":\"hook_decided\""), log);
    QCOMPARE(log.contains("the script's process holds more than 128 MiB of memory"), isStopped);
    QVERIFY(log.contains("It did not run: touch made"));
}

/// One call of the engine that takes memory without end.
void tst_Hooks::endsABatchScriptThatNothingInterrupts()
{
    Program program;
    program.write(u"s.js"_s, hookFile({"", "const a = new Array(3e8).fill(7); return a.length;"}) + batchBody);
    playTouch(program);
    const Ended ended = program.run({u"batch"_s, u"s.js"_s, u"--script-memory"_s, u"256M"_s});
    QVERIFY2(ended.exitCode == 70, ended.err);
    QVERIFY2(ended.err.contains("Error: the script's process holds more than 256 MiB of memory"), ended.err);
    QVERIFY(!isMade(program));
}

void tst_Hooks::obeysHooksOfTheSettings_data()
{
    QTest::addColumn<QByteArray>("matcher");
    QTest::addColumn<QByteArray>("command");
    QTest::addColumn<bool>("runs");
    const QByteArray block = "echo 'make none' >&2; exit 2";
    QTest::newRow("every tool") << ""_ba << block << false;
    QTest::newRow("a star") << "*"_ba << block << false;
    QTest::newRow("its name") << "Bash"_ba << block << false;
    QTest::newRow("one of two names") << "Edit|Bash"_ba << block << false;
    QTest::newRow("an expression") << "^Ba"_ba << block << false;
    QTest::newRow("a part of its name") << "Ba"_ba << block << true;
    QTest::newRow("another tool") << "apply_patch"_ba << block << true;
    QTest::newRow("no opinion") << ""_ba << "true"_ba << true;
    QTest::newRow("a failure") << ""_ba << "exit 1"_ba << false;
    QTest::newRow("the JSON of the reference")
        << ""_ba
        << "echo "
           "'{\\\"hookSpecificOutput\\\":{\\\"permissionDecision\\\":\\\"deny\\\",\\\"permissionDecisionReason\\\":"
           "\\\"make none\\\"}}'"_ba
        << false;
}

void tst_Hooks::obeysHooksOfTheSettings()
{
    QFETCH(QByteArray, matcher);
    QFETCH(QByteArray, command);
    QFETCH(bool, runs);
    Program program;
    program.write(u"../state/config.toml"_s,
                  program.read(u"../state/config.toml"_s) + "\n[[hooks.PreToolUse]]\nmatcher = \"" + matcher +
                      "\"\n[[hooks.PreToolUse.hooks]]\ntype = \"command\"\ncommand = \"" + command + "\"\n");
    playTouch(program);
    const Ended ended = program.exec({u"-s"_s, u"workspace-write"_s, u"--json"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(isMade(program), runs);
    QCOMPARE(ended.out.contains("\"hook.decided\""), !runs);
}

static const QByteArray hooksFile = "{\"hooks\":{\"PreToolUse\":[{\"hooks\":[{\"type\":\"command\",\"command\":"
                                    "\"echo 'make none' >&2; exit 2\",\"timeout\":5}]}]}}";

void tst_Hooks::readsTheHooksFileBesideTheSettings()
{
    Program program;
    program.write(u"../state/hooks.json"_s, hooksFile);
    playTouch(program);
    QCOMPARE(program.exec({u"-s"_s, u"workspace-write"_s, u"p"_s}).exitCode, 0);
    QVERIFY(!isMade(program));
}

void tst_Hooks::keepsTheUsersHooksBesideAProjectsOwn()
{
    Program program;
    program.write(u"../state/hooks.json"_s, hooksFile);
    program.write(u".codex/hooks.json"_s, "{\"hooks\":{\"PreToolUse\":[]}}");
    playTouch(program);
    QCOMPARE(program.exec({u"-s"_s, u"workspace-write"_s, u"--trust"_s, u"p"_s}).exitCode, 0);
    QVERIFY(!isMade(program));
}

void tst_Hooks::skipsTheHooksOfAProjectThatIsNotTrusted()
{
    Program program;
    program.write(u".codex/hooks.json"_s, hooksFile);
    playTouch(program);
    const Ended ended = program.exec({u"-s"_s, u"workspace-write"_s, u"p"_s});
    QVERIFY(isMade(program));
    QVERIFY2(ended.err.contains("hooks.json: `hooks.PreToolUse` is skipped: the project is not trusted"),
             ended.err.constData());

    QVERIFY(QFile::remove(program.work() + u"/made"_s));
    playTouch(program);
    program.exec({u"-s"_s, u"workspace-write"_s, u"--dangerously-bypass-hook-trust"_s, u"p"_s});
    QVERIFY(!isMade(program));
}

void tst_Hooks::letsAHookAnswerForTheOldProtocol()
{
    Program program;
    const QString file = hook(program, "#!/bin/sh\nread event\ncase $event in *'\"hook\":\"onApproval\"'*)\n"
                                       "  echo '{\"decision\":\"allow\"}';;\nesac\n");
    program.server.play({sse::call("call_1", "exec_command",
                                   "{\"cmd\":\"touch made\",\"sandbox_permissions\":\"require_escalated\","
                                   "\"justification\":\"it is needed\"}")});
    program.server.play({sse::message("msg_1", "Done.")});
    const Ended ended = program.exec({u"-a"_s, u"on-request"_s, u"--json=protocol"_s, u"--hooks"_s, file, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QVERIFY(isMade(program));
    QVERIFY2(ended.out.contains("{\"type\":\"exec_approval_request\",\"call_id\":\"call_1\",\"command\":[\"/bin/"),
             ended.out.constData());
    QVERIFY(ended.out.contains("\"reason\":\"it is needed\""));
}

void tst_Hooks::printsWhatAHookDecides_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<QString>("event");
    QTest::addColumn<QByteArray>("out");
    QTest::addColumn<int>("exitCode");
    QTest::newRow("deny") << denier << u"{\"command\":\"touch x\"}"_s
                          << "{\"decision\":\"deny\",\"by\":\"hook\",\"source\":\"FILE\",\"reason\":\"make none\"}\n"_ba
                          << 11;
    QTest::newRow("no opinion") << denier << u"{\"hook\":\"onCommand\",\"command\":\"ls\"}"_s
                                << "{\"decision\":\"none\",\"by\":\"hook\",\"source\":\"FILE\"}\n"_ba << 0;
    QTest::newRow("words of the command")
        << "#!/bin/sh\nread event\ncase $event in *'\"parts\":[[\"cd\",\"a\"],[\"make\"]]'*) exit 0;; esac\nexit 3\n"_ba
        << u"{\"command\":\"cd a && make\"}"_s << "{\"decision\":\"none\",\"by\":\"hook\",\"source\":\"FILE\"}\n"_ba
        << 0;
    QTest::newRow("failure")
        << "#!/bin/sh\nexit 3\n"_ba << u"{\"hook\":\"onPatch\"}"_s
        << "{\"decision\":\"deny\",\"by\":\"hook_failure\",\"source\":\"FILE\",\"reason\":\"it ended with exit code 3\"}\n"_ba
        << 1;
    QTest::newRow("rewrite") << "#!/bin/sh\necho '{\"decision\":\"rewrite\",\"argv\":[\"ls\"]}'\n"_ba
                             << u"{\"command\":\"pip\"}"_s
                             << "{\"decision\":\"rewrite\",\"by\":\"hook\",\"source\":\"FILE\",\"argv\":[\"ls\"]}\n"_ba
                             << 0;
    QTest::newRow("no event") << denier << u"nonsense"_s << ""_ba << 1;
}

void tst_Hooks::printsWhatAHookDecides()
{
    QFETCH(QByteArray, script);
    QFETCH(QString, event);
    QFETCH(QByteArray, out);
    QFETCH(int, exitCode);
    Program program;
    const QString file = hook(program, script);
    const Ended ended = program.run({u"hooks"_s, u"test"_s, file, u"--event"_s, event});
    QCOMPARE(ended.out, out.replace("FILE", file.toUtf8()));
    QCOMPARE(ended.exitCode, exitCode);
}

QTEST_GUILESS_MAIN(tst_Hooks)
#include "tst_hooks.moc"
