#include "support/toolsession.h"
#include "tools/shellsnapshot.h"

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

/// What the login files of a home of the test's own leave of later commands: `-lc` where they are read again.
class tst_ShellSnapshot : public QObject
{
    Q_OBJECT

private slots:
    void init();

    void readsNoLoginFilesAfterTheSecondCommand();
    void givesCommandsTheSameEnvironment();
    void leavesOtherCommandsAlone_data();
    void leavesOtherCommandsAlone();
    void goesOnWhereMoreThanTheEnvironmentChanges_data();
    void goesOnWhereMoreThanTheEnvironmentChanges();
    void keepsWhatAnExportedFunctionDoes();
    void readsLoginFilesAgainWhenTheyChange();
    void readsLoginFilesAgainForAnotherEnvironment();
    void givesUpOnCommandsThatDifferEachTime();
    void endsWhenItIsStopped();
    void runsACommandWithoutThem();
    void canBeSwitchedOff();

private:
    QString home(const QString &name = {}) const { return m_session->path(name); }
    void write(const QString &name, const QByteArray &text);
    CommandRun::Options options(const QString &call = u"call_1"_s) const;
    /// The shell's option and the environment of a command that is started now.
    QString flagOf(const CommandRun::Options &options) { return m_snapshot->restored(options).argv.at(1); }
    void takeOne();
    QByteArray outputOf(CommandRun::Options options);

    std::unique_ptr<ToolSession> m_session;
    Result<Sandbox> m_sandbox;
    std::unique_ptr<ShellSnapshot> m_snapshot;
};

void tst_ShellSnapshot::init()
{
    m_snapshot.reset();
    m_session = std::make_unique<ToolSession>();
    m_session->environment += u"HOME="_s + m_session->settings.cwd;
    m_sandbox = Sandbox::prepare(m_session->settings.sandbox, m_session->settings.cwd, {});
    m_snapshot = std::make_unique<ShellSnapshot>(*m_sandbox, nullptr);
    write(u".bash_profile"_s, "echo read >> ~/reads\nexport GREETING='two\nlines' PATH=/opt/own:$PATH\nunset TZ\n");
}

void tst_ShellSnapshot::write(const QString &name, const QByteArray &text)
{
    QFile file(home(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
}

CommandRun::Options tst_ShellSnapshot::options(const QString &call) const
{
    return {.argv = {u"/bin/bash"_s, u"-lc"_s, u"env -0 | sort -z"_s},
            .cwd = m_session->settings.cwd,
            .environment = m_session->environment + QStringList{u"TZ=UTC"_s, u"CODEX_TOOL_CALL_ID="_s + call,
                                                                u"NIGHTSHIFT_TOOL_CALL_ID="_s + call}};
}

/// Until it is known what the login files do, commands read them.
void tst_ShellSnapshot::takeOne()
{
    QSignalSpy ended(m_snapshot.get(), &ShellSnapshot::ended);
    while (!m_snapshot->isTaking())
        QCOMPARE(flagOf(options()), u"-lc"_s);
    QCOMPARE(flagOf(options()), u"-lc"_s);
    QVERIFY(ended.wait(30'000));
}

QByteArray tst_ShellSnapshot::outputOf(CommandRun::Options options)
{
    CommandRun run(*m_sandbox, std::move(options), nullptr);
    QByteArray all;
    connect(&run, &CommandRun::output, this, [&all](const QByteArray &bytes) { all += bytes; });
    QSignalSpy finished(&run, &CommandRun::finished);
    return finished.wait(30'000) ? all : "it did not end"_ba;
}

void tst_ShellSnapshot::readsNoLoginFilesAfterTheSecondCommand()
{
    QCOMPARE(flagOf(options()), u"-lc"_s);
    QVERIFY(!m_snapshot->isTaking());
    takeOne();
    for (const QString &call : {u"call_3"_s, u"call_4"_s})
        QCOMPARE(flagOf(options(call)), u"-c"_s);
}

void tst_ShellSnapshot::givesCommandsTheSameEnvironment()
{
    takeOne();
    const CommandRun::Options usual = options(u"call_7"_s);
    const CommandRun::Options restored = m_snapshot->restored(usual);
    const QByteArray output = outputOf(restored);
    QCOMPARE(output, outputOf(usual));
    QVERIFY2(output.contains("GREETING=two\nlines"), output);
    QVERIFY2(output.contains("CODEX_TOOL_CALL_ID=call_7"), output);
    QVERIFY2(!output.contains("TZ="), output);
    QCOMPARE(restored.cwd, usual.cwd);
}

void tst_ShellSnapshot::leavesOtherCommandsAlone_data()
{
    QTest::addColumn<QStringList>("argv");
    QTest::addColumn<bool>("tty");
    QTest::newRow("another shell") << QStringList{u"/bin/sh"_s, u"-lc"_s, u"true"_s} << false;
    QTest::newRow("no login shell") << QStringList{u"/bin/bash"_s, u"-c"_s, u"true"_s} << false;
    QTest::newRow("no shell") << QStringList{u"true"_s} << false;
    QTest::newRow("one with a terminal") << QStringList{u"/bin/bash"_s, u"-lc"_s, u"true"_s} << true;
}

void tst_ShellSnapshot::leavesOtherCommandsAlone()
{
    QFETCH(QStringList, argv);
    QFETCH(bool, tty);
    takeOne();
    CommandRun::Options other = options();
    other.argv = argv;
    other.tty = tty;
    const CommandRun::Options restored = m_snapshot->restored(other);
    QCOMPARE(restored.argv, argv);
    QCOMPARE(restored.environment, other.environment);
    QVERIFY(!m_snapshot->isTaking());
}

void tst_ShellSnapshot::goesOnWhereMoreThanTheEnvironmentChanges_data()
{
    QTest::addColumn<QByteArray>("profile");
    QTest::newRow("a function") << "greet() { echo hello; }"_ba;
    QTest::newRow("an alias") << "alias ll='ls -l'"_ba;
    QTest::newRow("an option") << "set -u"_ba;
    QTest::newRow("an option of bash") << "shopt -s globstar"_ba;
    QTest::newRow("the mask of new files") << "umask 0027"_ba;
    QTest::newRow("a limit") << "ulimit -S -n 100"_ba;
    QTest::newRow("a trap") << "trap 'echo bye' EXIT"_ba;
    QTest::newRow("another folder") << "cd /"_ba;
    QTest::newRow("words") << "echo welcome"_ba;
    QTest::newRow("a failure") << "exit 3"_ba;
    QTest::newRow("a file for every shell") << "export BASH_ENV=~/other"_ba;
    QTest::newRow("what is not text") << "export ODD=$'\\xff'"_ba;
}

void tst_ShellSnapshot::goesOnWhereMoreThanTheEnvironmentChanges()
{
    QFETCH(QByteArray, profile);
    write(u".bash_profile"_s, profile + '\n');
    takeOne();
    QCOMPARE(flagOf(options()), u"-lc"_s);
    QVERIFY(!m_snapshot->isTaking());
}

void tst_ShellSnapshot::keepsWhatAnExportedFunctionDoes()
{
    write(u".bash_profile"_s, "greet() { echo \"hello $1\"; }\nexport -f greet\n");
    takeOne();
    CommandRun::Options greeting = options();
    greeting.argv[2] = u"greet you; echo $-"_s;
    QCOMPARE(outputOf(m_snapshot->restored(greeting)), "hello you\nhBc\n"_ba);
}

void tst_ShellSnapshot::readsLoginFilesAgainWhenTheyChange()
{
    takeOne();
    write(u".bash_profile"_s, "export GREETING=changed\n");
    takeOne();
    QVERIFY(m_snapshot->restored(options()).environment.contains("GREETING=changed"_L1));
}

void tst_ShellSnapshot::readsLoginFilesAgainForAnotherEnvironment()
{
    takeOne();
    CommandRun::Options other = options();
    other.environment += u"MORE=1"_s;
    QSignalSpy ended(m_snapshot.get(), &ShellSnapshot::ended);
    QCOMPARE(flagOf(other), u"-lc"_s);
    QVERIFY(ended.wait(30'000));
    QVERIFY(m_snapshot->restored(other).environment.contains("MORE=1"_L1));
}

void tst_ShellSnapshot::givesUpOnCommandsThatDifferEachTime()
{
    takeOne();
    QSignalSpy ended(m_snapshot.get(), &ShellSnapshot::ended);
    CommandRun::Options other = options();
    for (int i = 0; i < 3; ++i) {
        other.environment += u"MORE_%1=1"_s.arg(i);
        QCOMPARE(flagOf(other), u"-lc"_s);
        QVERIFY(ended.wait(30'000));
    }
    QCOMPARE(flagOf(options()), u"-lc"_s);
    QVERIFY(!m_snapshot->isTaking());
    QCOMPARE(flagOf(options()), u"-lc"_s);
}

void tst_ShellSnapshot::endsWhenItIsStopped()
{
    write(u".bash_profile"_s, "sleep 1000\n");
    QCOMPARE(flagOf(options()), u"-lc"_s);
    QCOMPARE(flagOf(options()), u"-lc"_s);
    QSignalSpy ended(m_snapshot.get(), &ShellSnapshot::ended);
    m_snapshot->stop();
    QVERIFY(ended.wait(30'000));
    write(u".bash_profile"_s, "export GREETING=quick\n");
    takeOne();
    QVERIFY(m_snapshot->restored(options()).environment.contains("GREETING=quick"_L1));
}

/// Asks until a command says that it has no login shell, as one after the second does.
static QByteArray firstWithoutLogin(ToolSession &session, const QByteArray &command)
{
    for (int i = 0; i < 1000; ++i) {
        const QByteArray reply = session.ask({u"call_%1"_s.arg(i), u"exec_command"_s,
                                              R"({"cmd":"shopt -q login_shell && echo login || )" + command + "\"}"});
        if (!reply.endsWith("\nlogin\n"))
            return reply;
    }
    return "all of them were login shells";
}

void tst_ShellSnapshot::runsACommandWithoutThem()
{
    m_session->settings.allowLoginShell = true;
    const QByteArray output = "two\nlines\n";
    QCOMPARE(firstWithoutLogin(*m_session, "echo \\\"$GREETING\\\""), replyOf("exited with code 0", output));
    const auto &told = std::get<CommandStarted>(m_session->events.at(m_session->events.size() - 2)).command;
    QCOMPARE(told.argv,
             (QStringList{u"/bin/bash"_s, u"-lc"_s, u"shopt -q login_shell && echo login || echo \"$GREETING\""_s}));
    QFile reads(home(u"reads"_s));
    QVERIFY(reads.open(QIODevice::ReadOnly));
    const QByteArray before = reads.readAll();
    m_session->ask(u"exec_command"_s, R"({"cmd":"true"})");
    QCOMPARE(reads.readAll(), ""_ba);
    QVERIFY(before.count("read\n") >= 3); // two commands, and the snapshot
}

void tst_ShellSnapshot::canBeSwitchedOff()
{
    m_session->settings.allowLoginShell = true;
    m_session->settings.features = {{u"shell_snapshot"_s, false}};
    for (int i = 0; i < 5; ++i)
        m_session->ask(u"exec_command"_s, R"({"cmd":"true"})");
    QFile reads(home(u"reads"_s));
    QVERIFY(reads.open(QIODevice::ReadOnly));
    QCOMPARE(reads.readAll(), "read\nread\nread\nread\nread\n"_ba);
}

QTEST_GUILESS_MAIN(tst_ShellSnapshot)
#include "tst_shellsnapshot.moc"
