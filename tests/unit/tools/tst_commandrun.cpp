#include "tools/commandrun.h"
#include <QDir>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;
using Mode = SandboxPolicy::Mode;

Q_DECLARE_METATYPE(Mode)

/// One command run to its end, and what came of it.
struct Ran
{
    QByteArray output;
    CommandEnd end;
};

class tst_CommandRun : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();

    void givesTheExitCodeAsShellsDo_data();
    void givesTheExitCodeAsShellsDo();
    void mergesBothStreamsInOrder();
    void hasNoInputUnlessGiven();
    void handsOverItsInputWhole();
    void givesATerminalOnRequest();
    void deliversAllOfALongOutput();
    void interruptsTheCommand();
    void saysWhyItNeverRan();
    void endsOnceAfterKill_data();
    void endsOnceAfterKill();
    void leavesNoDaemonBehind_data();
    void leavesNoDaemonBehind();
    void cleansUpWhenDeleted();
    void cleansUpWhenOurProgramIsKilled_data();
    void cleansUpWhenOurProgramIsKilled();
    void writesNothingReadOnly();
    void writesOnlyInsideWritableRoots();
    void worksInMemoryFolders_data();
    void worksInMemoryFolders();
    void protectsNamesAtTheTopOfRoots();
    void protectsWhatAGitFileNames();
    void refusesAProtectedNameThatIsALink();
    void refusesARootThatBecameALink();
    void unlocksGitOnRequest();
    void leavesNoMountPointBehind();
    void keepsMountPointsForTheLastUser();
    void hasNoNetworkNotEvenLoopback();
    void keepsRootOutOfProc();
    void hidesTheDaemonsOfTheHost();
    void limitsWallTime();
    void limitsTheSizeOfFiles();
    void limitsTheNumberOfProcesses_data();
    void limitsTheNumberOfProcesses();

private:
    Ran run(const QStringList &argv, CommandRun::Options options = {});
    Ran shell(const QString &script) { return run({u"bash"_s, u"-c"_s, script}); }
    QString work(const QString &name = {}) const { return name.isEmpty() ? m_work : m_work + u'/' + name; }
    QStringList left() const { return QDir(m_work).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot); }

    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_work;
    SandboxPolicy m_policy;
    CommandLimits m_limits;
};

void tst_CommandRun::initTestCase()
{
    qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
    qRegisterMetaType<CommandEnd>();
}

void tst_CommandRun::init()
{
    // Not in /tmp, which is a writable root by itself.
    m_dir = std::make_unique<QTemporaryDir>(QDir::homePath() + "/nightshift-XXXXXX"_L1);
    QVERIFY(QDir(m_dir->path()).mkdir(u"tree"_s));
    m_work = QFileInfo(m_dir->filePath(u"tree"_s)).canonicalFilePath();
    m_policy = {.mode = Mode::WorkspaceWrite};
    m_limits = {};
}

void tst_CommandRun::cleanup()
{
    m_dir.reset();
}

static CommandRun::Options complete(CommandRun::Options options, const QString &cwd)
{
    if (options.cwd.isEmpty())
        options.cwd = cwd;
    if (options.environment.isEmpty())
        options.environment = {u"PATH="_s + qEnvironmentVariable("PATH"), u"LC_ALL=C"_s};
    return options;
}

Ran tst_CommandRun::run(const QStringList &argv, CommandRun::Options options)
{
    const auto sandbox = Sandbox::prepare(m_policy, m_work, {}, m_limits);
    if (!sandbox)
        return {{}, {.error = sandbox.error()}};
    options.argv = argv;
    CommandRun command(*sandbox, complete(options, m_work), nullptr);
    Ran ran;
    connect(&command, &CommandRun::output, this, [&](const QByteArray &bytes) { ran.output += bytes; });
    QSignalSpy ended(&command, &CommandRun::finished);
    if (!ended.wait(20'000))
        return {"timed out", {}};
    ran.end = ended.first().first().value<CommandEnd>();
    return ran;
}

void tst_CommandRun::givesTheExitCodeAsShellsDo_data()
{
    QTest::addColumn<Mode>("mode");
    QTest::addColumn<QString>("script");
    QTest::addColumn<int>("code");
    for (const auto &[mode, name] : {std::pair{Mode::ReadOnly, "sandboxed "}, {Mode::DangerFullAccess, "bare "}}) {
        const auto row = [&](const char *what) -> QTestData & {
            return QTest::newRow((QByteArray(name) + what).constData());
        };
        row("success") << mode << u"true"_s << 0;
        row("seven") << mode << u"exit 7"_s << 7;
        row("never-ran code") << mode << u"exit 125"_s << 125;
        row("killed") << mode << u"kill -9 $$"_s << 137;
        row("terminated") << mode << u"kill $$"_s << 143;
        row("not found") << mode << u"exec nosuchprogram"_s << 127;
    }
}

void tst_CommandRun::givesTheExitCodeAsShellsDo()
{
    QFETCH(Mode, mode);
    QFETCH(QString, script);
    QFETCH(int, code);
    m_policy.mode = mode;
    QCOMPARE(shell(script).end, CommandEnd{.exitCode = code});
}

void tst_CommandRun::mergesBothStreamsInOrder()
{
    QCOMPARE(shell(u"echo a; echo b >&2; echo c; echo d >&2"_s).output, "a\nb\nc\nd\n"_ba);
}

void tst_CommandRun::hasNoInputUnlessGiven()
{
    QCOMPARE(shell(u"cat; readlink /proc/self/fd/0; ls /proc/self/fd | wc -l"_s).output, "/dev/null\n4\n"_ba);
}

void tst_CommandRun::handsOverItsInputWhole()
{
    const QByteArray input(300'000, 'x');
    const Ran ran = run({u"cat"_s}, {.input = input});
    QCOMPARE(ran.output.size(), input.size());
    QCOMPARE(ran.end, CommandEnd{.exitCode = 0});
}

void tst_CommandRun::givesATerminalOnRequest()
{
    const auto sandbox = Sandbox::prepare(m_policy, m_work, {});
    QVERIFY(sandbox.has_value());
    CommandRun command(
        *sandbox,
        complete({.argv = {u"bash"_s, u"-c"_s, u"stty size </dev/tty; read a; echo got $a; cat"_s}, .tty = true},
                 m_work),
        nullptr);
    QByteArray output;
    connect(&command, &CommandRun::output, this, [&](const QByteArray &bytes) { output += bytes; });
    QSignalSpy ended(&command, &CommandRun::finished);
    QTRY_COMPARE(output, "24 80\r\n"_ba);
    command.write("word\n");
    QTRY_COMPARE(output, "24 80\r\nword\r\ngot word\r\n"_ba);
    command.write("\x03");
    QVERIFY(ended.count() == 1 || ended.wait());
    QCOMPARE(ended.first().first().value<CommandEnd>(), CommandEnd{.exitCode = 130});
    QCOMPARE(output, "24 80\r\nword\r\ngot word\r\n^C"_ba);
}

void tst_CommandRun::deliversAllOfALongOutput()
{
    const Ran ran = shell(u"head -c 5000000 /dev/zero"_s);
    QCOMPARE(ran.output.size(), 5'000'000);
    QCOMPARE(ran.end, CommandEnd{.exitCode = 0});
}

void tst_CommandRun::interruptsTheCommand()
{
    for (const Mode mode : {Mode::WorkspaceWrite, Mode::DangerFullAccess}) {
        m_policy.mode = mode;
        const auto sandbox = Sandbox::prepare(m_policy, m_work, {});
        QVERIFY(sandbox.has_value());
        CommandRun command(*sandbox, complete({.argv = {u"bash"_s, u"-c"_s, u"echo on; sleep 100"_s}}, m_work),
                           nullptr);
        QSignalSpy output(&command, &CommandRun::output), ended(&command, &CommandRun::finished);
        QVERIFY(output.wait());
        command.interrupt();
        QVERIFY(ended.wait());
        QCOMPARE(ended.first().first().value<CommandEnd>(), CommandEnd{.exitCode = 130});
    }
}

void tst_CommandRun::saysWhyItNeverRan()
{
    const Ran ran = run({u"true"_s}, {.cwd = u"/no/such/folder"_s});
    QVERIFY(ran.end.error.has_value());
    QCOMPARE(ran.end.error->kind, Error::Kind::Denied);
    QVERIFY2(ran.end.error->message.contains("/no/such/folder"_L1), qPrintable(ran.end.error->message));
}

void tst_CommandRun::endsOnceAfterKill_data()
{
    QTest::addColumn<Mode>("mode");
    QTest::newRow("sandboxed") << Mode::WorkspaceWrite;
    QTest::newRow("bare") << Mode::DangerFullAccess;
}

/// A daemon that wants to live: a new session, twice forked, deaf to TERM; it marks its life in a file.
static const auto daemonScript =
    u"(trap '' TERM INT HUP; setsid bash -c 'trap \"\" TERM; (echo $BASHPID > daemon; exec sleep 4242) & wait' &) ; while [ ! -s daemon ]; do sleep 0.01; done; "_s;

/// Whether any process still sleeps for the daemon above with `folder` as its working directory.
static bool isDaemonAlive(const QString &folder)
{
    for (const QString &pid : QDir(u"/proc"_s).entryList(QDir::Dirs)) {
        if (QFile::symLinkTarget("/proc/"_L1 + pid + "/cwd"_L1) == folder)
            return true;
    }
    return false;
}

void tst_CommandRun::endsOnceAfterKill()
{
    QFETCH(Mode, mode);
    m_policy.mode = mode;
    const auto sandbox = Sandbox::prepare(m_policy, m_work, {});
    QVERIFY(sandbox.has_value());
    CommandRun command(
        *sandbox, complete({.argv = {u"bash"_s, u"-c"_s, daemonScript + u"echo on; sleep 100"_s}}, m_work), nullptr);
    QSignalSpy output(&command, &CommandRun::output), ended(&command, &CommandRun::finished);
    QVERIFY(output.wait());
    QVERIFY(isDaemonAlive(m_work));
    command.kill();
    command.kill();
    QCOMPARE(ended.count(), 0);
    QVERIFY(ended.wait());
    QVERIFY(!isDaemonAlive(m_work));
    QCOMPARE(ended.first().first().value<CommandEnd>(), CommandEnd{});
    QCoreApplication::processEvents();
    QCOMPARE(ended.count(), 1);
}

void tst_CommandRun::leavesNoDaemonBehind_data()
{
    endsOnceAfterKill_data();
}

void tst_CommandRun::leavesNoDaemonBehind()
{
    QFETCH(Mode, mode);
    m_policy.mode = mode;
    QCOMPARE(shell(daemonScript + u"exit 3"_s).end, CommandEnd{.exitCode = 3});
    QVERIFY(!isDaemonAlive(m_work));
}

void tst_CommandRun::cleansUpWhenDeleted()
{
    const auto sandbox = Sandbox::prepare(m_policy, m_work, {});
    QVERIFY(sandbox.has_value());
    auto command = std::make_unique<CommandRun>(
        *sandbox, complete({.argv = {u"bash"_s, u"-c"_s, daemonScript + u"echo on; sleep 100"_s}}, m_work), nullptr);
    QSignalSpy output(command.get(), &CommandRun::output);
    QVERIFY(output.wait());
    command.reset();
    QTRY_VERIFY(!isDaemonAlive(m_work));
    QTRY_COMPARE(left(), QStringList{u"daemon"_s});
}

void tst_CommandRun::cleansUpWhenOurProgramIsKilled_data()
{
    endsOnceAfterKill_data();
}

void tst_CommandRun::cleansUpWhenOurProgramIsKilled()
{
    QFETCH(Mode, mode);
    QProcess program; // this one again, see main()
    program.start(QCoreApplication::applicationFilePath(),
                  {u"victim"_s, QString::number(int(mode)), m_work, daemonScript + u"echo on; sleep 100"_s});
    QVERIFY(program.waitForReadyRead());
    QVERIFY(isDaemonAlive(m_work));
    program.kill();
    QVERIFY(program.waitForFinished());
    QTRY_VERIFY(!isDaemonAlive(m_work));
    QTRY_COMPARE(left(), QStringList{u"daemon"_s});
}

void tst_CommandRun::writesNothingReadOnly()
{
    m_policy.mode = Mode::ReadOnly;
    shell(u"echo x > file; echo x > /tmp/nightshift-test-file; mkdir .git"_s);
    QCOMPARE(left(), QStringList());
    QVERIFY(!QFile::exists(u"/tmp/nightshift-test-file"_s));
}

void tst_CommandRun::writesOnlyInsideWritableRoots()
{
    QVERIFY(QDir(m_dir->path()).mkdir(u"extra"_s));
    m_policy.writableRoots = {m_dir->filePath(u"extra"_s), m_dir->filePath(u"missing"_s)};
    const Ran ran = shell(u"echo x > file; echo x > ../extra/file; echo x > ../outside; echo x > /tmp/nightshift-$$ && "
                          "rm /tmp/nightshift-$$; ln -s ../outside link; echo x > link"_s);
    QCOMPARE(ran.output,
             "bash: line 1: ../outside: Read-only file system\nbash: line 1: link: Read-only file system\n"_ba);
    QVERIFY(QFile::exists(work(u"file"_s)) && QFile::exists(m_dir->filePath(u"extra/file"_s)));
    QVERIFY(!QFile::exists(m_dir->filePath(u"outside"_s)));
}

void tst_CommandRun::worksInMemoryFolders_data()
{
    QTest::addColumn<Mode>("mode");
    QTest::addColumn<QStringList>("left");
    QTest::newRow("read-only") << Mode::ReadOnly << QStringList{u"given"_s};
    QTest::newRow("workspace-write") << Mode::WorkspaceWrite << QStringList{u"file"_s, u"given"_s};
}

void tst_CommandRun::worksInMemoryFolders()
{
    QFETCH(Mode, mode);
    QFETCH(QStringList, left);
    m_policy.mode = mode;
    m_dir = std::make_unique<QTemporaryDir>(u"/dev/shm/nightshift-XXXXXX"_s);
    m_work = m_dir->path();
    QFile given(m_work + "/given"_L1);
    QVERIFY(given.open(QIODevice::WriteOnly) && given.write("seen") == 4);
    given.close();
    QCOMPARE(shell(u"(echo x > file) 2>/dev/null; cat given"_s).output, "seen");
    QCOMPARE(this->left(), left);
}

void tst_CommandRun::protectsNamesAtTheTopOfRoots()
{
    QVERIFY(QDir(m_work).mkpath(u".git/hooks"_s) && QDir(m_work).mkdir(u".codex"_s));
    shell(
        u"for n in .git .codex .agents .aws .nightshift .git/hooks; do chmod 777 $n; echo x > $n/file; mkdir $n; rm -rf $n; mv $n moved; done; mkdir -p sub/.git && echo x > sub/.git/file"_s);
    QCOMPARE(left(), QStringList({u".codex"_s, u".git"_s, u"moved"_s, u"sub"_s}));
    // mv copies what it may not rename; the original stays.
    QCOMPARE(QDir(work(u".git"_s)).entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList{u"hooks"_s});
    QVERIFY(QDir(work(u".codex"_s)).isEmpty());
    QVERIFY(QFile::exists(work(u"sub/.git/file"_s)));
}

void tst_CommandRun::protectsWhatAGitFileNames()
{
    QVERIFY(QDir(m_dir->path()).mkpath(u"extra/repo/.git/worktrees/w"_s));
    m_policy.writableRoots = {m_dir->filePath(u"extra"_s)};
    QFile git(work(u".git"_s)), common(m_dir->filePath(u"extra/repo/.git/worktrees/w/commondir"_s));
    QVERIFY(git.open(QIODevice::WriteOnly) && git.write("gitdir: ../extra/repo/.git/worktrees/w\n") > 0);
    QVERIFY(common.open(QIODevice::WriteOnly) && common.write("../..\n") > 0);
    git.close();
    common.close();
    const Ran ran = shell(
        u"for f in .git ../extra/repo/.git/worktrees/w/HEAD ../extra/repo/.git/config; do echo x > $f; done; echo x > ../extra/repo/file"_s);
    QCOMPARE(ran.output.count("Read-only file system"), 3);
    QVERIFY(QFile::exists(m_dir->filePath(u"extra/repo/file"_s)));
}

void tst_CommandRun::refusesAProtectedNameThatIsALink()
{
    QVERIFY(QFile::link(u"/nowhere"_s, work(u".codex"_s)));
    const Ran ran = shell(u"true"_s);
    QVERIFY(ran.end.error.has_value());
    QVERIFY2(ran.end.error->message.contains(work(u".codex"_s) + " is a symbolic link"_L1),
             qPrintable(ran.end.error->message));
    QCOMPARE(left(), QStringList()); // a dangling link is no entry here, and what was made before is gone
}

void tst_CommandRun::refusesARootThatBecameALink()
{
    QVERIFY(QDir(m_work).mkpath(u"a/b"_s));
    m_policy.writableRoots = {work(u"a/b"_s)};
    const auto sandbox = Sandbox::prepare(m_policy, m_work, {});
    QVERIFY(sandbox.has_value());
    QVERIFY(QFile::rename(work(u"a"_s), work(u"moved"_s)) && QFile::link(u"moved"_s, work(u"a"_s)));
    CommandRun command(*sandbox, complete({.argv = {u"true"_s}}, m_work), nullptr);
    QSignalSpy ended(&command, &CommandRun::finished);
    QVERIFY(ended.wait());
    QVERIFY(ended.first().first().value<CommandEnd>().error.has_value());
}

void tst_CommandRun::unlocksGitOnRequest()
{
    QVERIFY(QDir(m_work).mkdir(u".git"_s));
    m_policy.git = true;
    QCOMPARE(shell(u"echo x > .git/file"_s).end, CommandEnd{.exitCode = 0});
    QVERIFY(QFile::exists(work(u".git/file"_s)));
}

void tst_CommandRun::leavesNoMountPointBehind()
{
    QCOMPARE(shell(u"ls -A"_s).output, ".agents\n.aws\n.codex\n.git\n.nightshift\n"_ba);
    QCOMPARE(left(), QStringList());
    // What the host put there meanwhile is its own.
    QVERIFY(QDir(m_work).mkdir(u".aws"_s));
    shell(u"true"_s);
    QCOMPARE(left(), QStringList{u".aws"_s});
}

void tst_CommandRun::keepsMountPointsForTheLastUser()
{
    const auto sandbox = Sandbox::prepare(m_policy, m_work, {});
    QVERIFY(sandbox.has_value());
    CommandRun first(
        *sandbox,
        complete({.argv = {u"bash"_s, u"-c"_s, u"echo on; while [ ! -e go ]; do sleep 0.01; done; mkdir -p .git/x"_s}},
                 m_work),
        nullptr);
    QSignalSpy output(&first, &CommandRun::output), ended(&first, &CommandRun::finished);
    QVERIFY(output.wait());
    QCOMPARE(shell(u"true"_s).end, CommandEnd{.exitCode = 0});
    QCOMPARE(left(), QStringList({u".agents"_s, u".aws"_s, u".codex"_s, u".git"_s, u".nightshift"_s}));
    shell(u"touch go"_s);
    QVERIFY(ended.count() == 1 || ended.wait());
    QCOMPARE(ended.first().first().value<CommandEnd>(), CommandEnd{.exitCode = 1});
    QCOMPARE(left(), QStringList{u"go"_s});
}

void tst_CommandRun::hasNoNetworkNotEvenLoopback()
{
    const Ran ran =
        shell(u"exec 3<>/dev/tcp/127.0.0.1/9; ls /sys/class/net; grep -c : /proc/net/dev; grep -c lo: /proc/net/dev"_s);
    QVERIFY2(ran.output.contains("Operation not permitted"), ran.output.constData());
}

void tst_CommandRun::keepsRootOutOfProc()
{
    const Ran ran = shell(
        u"for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/self/oom_score_adj; do (: >> $f) && echo writable $f; done; hostname other"_s);
    QVERIFY2(!ran.output.contains("writable"), ran.output.constData());
}

void tst_CommandRun::limitsWallTime()
{
    for (const Mode mode : {Mode::WorkspaceWrite, Mode::DangerFullAccess}) {
        m_policy.mode = mode;
        m_limits.wallTime = std::chrono::seconds(1);
        const Ran ran = shell(u"sleep 100 & sleep 100"_s);
        QCOMPARE(ran.end, CommandEnd{.exitCode = 124});
        QCOMPARE(ran.output, "\nnightshift: ended after 1000 ms, the limit of a command's wall time\n"_ba);
    }
}

void tst_CommandRun::hidesTheDaemonsOfTheHost()
{
    QVERIFY(QDir(m_work).mkdir(u"session"_s));
    QFile socket(work(u"session/bus"_s)), agent(work(u"agent"_s));
    QVERIFY(socket.open(QIODevice::WriteOnly) && agent.open(QIODevice::WriteOnly));
    qputenv("XDG_RUNTIME_DIR", work(u"session"_s).toLocal8Bit());
    qputenv("SSH_AUTH_SOCK", work(u"agent"_s).toLocal8Bit());
    m_policy.networkAccess = true;
    const Ran ran = shell(
        u"ls session; stat -c %F agent; ls /run | grep -vE '^(systemd|NetworkManager|resolvconf|current-system|opengl-driver|media)$'"_s);
    qunsetenv("XDG_RUNTIME_DIR");
    qunsetenv("SSH_AUTH_SOCK");
    QCOMPARE(ran.output, "character special file\n"_ba);
}

void tst_CommandRun::limitsTheSizeOfFiles()
{
    m_limits.fileSizeBytes = 1000;
    QCOMPARE(shell(u"exec head -c 5000 /dev/zero > file"_s).end, CommandEnd{.exitCode = 128 + SIGXFSZ});
    QCOMPARE(QFileInfo(work(u"file"_s)).size(), 1000);
}

void tst_CommandRun::limitsTheNumberOfProcesses_data()
{
    endsOnceAfterKill_data();
}

void tst_CommandRun::limitsTheNumberOfProcesses()
{
    QFETCH(Mode, mode);
    const QString groups = u"/sys/fs/cgroup/pids"_s;
    if (geteuid() != 0 && mode == Mode::DangerFullAccess)
        QSKIP("counts what the user runs elsewhere, too");
    if (geteuid() == 0 && access(qPrintable(groups), W_OK) != 0 &&
        access("/sys/fs/cgroup/cgroup.subtree_control", W_OK) != 0)
        QSKIP("root is bounded by control groups only, and there are none");
    m_policy.mode = mode;
    m_limits.processes = 10;
    const Ran ran = shell(u"exec sh -c 'i=0; while [ $i -lt 30 ]; do sleep 100 & i=$((i+1)); done; echo unbounded'"_s);
    QVERIFY2(!ran.output.contains("unbounded"), ran.output.constData());
    QVERIFY(ran.end.exitCode.value_or(0) != 0);
}

/// A program that runs a command and waits to be killed: `tst_… victim MODE CWD SCRIPT`.
static int playVictim(const QStringList &words)
{
    const auto sandbox = Sandbox::prepare({.mode = Mode(words[2].toInt())}, words[3], {});
    if (!sandbox)
        return 1;
    CommandRun command(*sandbox, complete({.argv = {u"bash"_s, u"-c"_s, words[4]}}, words[3]), nullptr);
    QObject::connect(&command, &CommandRun::output, &command, [](const QByteArray &bytes) {
        (void)!::write(STDOUT_FILENO, bytes.constData(), size_t(bytes.size()));
    });
    return QCoreApplication::exec();
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (application.arguments().value(1) == "victim"_L1)
        return playVictim(application.arguments());
    tst_CommandRun test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_commandrun.moc"
