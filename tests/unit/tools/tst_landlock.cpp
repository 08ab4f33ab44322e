#include "tools/commandrun.h"
#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <sys/syscall.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;
using Mode = SandboxPolicy::Mode;

/// What holds where there are no name spaces; that nothing gets out is shown by tst_probes.
class tst_Landlock : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();

    void writesOnlyInsideWritableRoots();
    void changesModesAndTimesOnlyThere();
    void protectsNamesAtTheTopOfRoots();
    void protectsWhatAGitFileNames();
    void movesNoFolderThatHoldsARoot();
    void refusesAProtectedNameThatIsALink();
    void keepsTheCallersUmask();
    void waitsForTheReaderOfAPipe();
    void followsLinksInsideTheRoots();
    void givesATerminal();
    void leavesNoProcessBehind();
    void endsWhenKilled();
    void takesTheWorkOfABubblewrapThatFails();
    void saysWhyNothingWorks();

private:
    QByteArray shell(const QString &script);
    QStringList left() const { return QDir(m_work).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot); }
    Sandbox sandbox() const { return *Sandbox::prepare(m_policy, m_work, {}); }
    CommandRun::Options options(const QString &script) const;
    QString folder(const QString &name) const { return QFileInfo(m_dir->path()).canonicalFilePath() + u'/' + name; }

    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_work;
    SandboxPolicy m_policy;
    CommandEnd m_end;
};

void tst_Landlock::initTestCase()
{
    if (syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 6)
        QSKIP("needs Linux 6.12 with Landlock");
    qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
    qRegisterMetaType<CommandEnd>();
}

void tst_Landlock::init()
{
    qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", "landlock");
    m_dir = std::make_unique<QTemporaryDir>(QDir::homePath() + "/nightshift-XXXXXX"_L1); // /tmp is a root by itself
    QVERIFY(QDir(m_dir->path()).mkdir(u"tree"_s));
    m_work = folder(u"tree"_s);
    m_policy = {.mode = Mode::WorkspaceWrite};
}

CommandRun::Options tst_Landlock::options(const QString &script) const
{
    return {.argv = {u"bash"_s, u"-c"_s, script},
            .cwd = m_work,
            .environment = {u"PATH="_s + qEnvironmentVariable("PATH"), u"LC_ALL=C"_s}};
}

QByteArray tst_Landlock::shell(const QString &script)
{
    CommandRun command(sandbox(), options(script), nullptr);
    QByteArray output;
    connect(&command, &CommandRun::output, this, [&](const QByteArray &bytes) { output += bytes; });
    QSignalSpy ended(&command, &CommandRun::finished);
    if (!ended.wait(20'000))
        return "timed out";
    m_end = ended.first().first().value<CommandEnd>();
    return output;
}

void tst_Landlock::writesOnlyInsideWritableRoots()
{
    QVERIFY(QDir(m_dir->path()).mkdir(u"extra"_s));
    m_policy.writableRoots = {folder(u"extra"_s), folder(u"missing"_s)};
    QCOMPARE(shell(u"echo x > file; mkdir -p a/b; mv file a/b/; ln a/b/file hard; echo x > ../extra/file; "
                   "echo x > ../outside; ln -s ../outside link; echo x > link; mv a ..; : > /dev/null"_s),
             "bash: line 1: ../outside: Permission denied\nbash: line 1: link: Permission denied\n"
             "mv: cannot move 'a' to '../a': Permission denied\n"_ba);
    QCOMPARE(left(), QStringList({u"a"_s, u"hard"_s}));
    QVERIFY(QFile::exists(folder(u"extra/file"_s)) && !QFile::exists(folder(u"outside"_s)));
}

void tst_Landlock::changesModesAndTimesOnlyThere()
{
    QFile outside(folder(u"outside"_s));
    QVERIFY(outside.open(QIODevice::WriteOnly));
    const auto before = QFileInfo(outside.fileName());
    const QByteArray said = shell(u"touch in; chmod 741 in; touch -d @1000 in; stat -c '%a %Y' in; "
                                  "exec 3< ../outside; for f in ../outside /proc/self/fd/3; do "
                                  "chmod 777 $f; touch -d @1000 $f; done; chown 1:1 ../outside"_s);
    QVERIFY2(said.startsWith("741 1000\n"), said.constData());
    QCOMPARE(said.count("Operation not permitted") + said.count("Permission denied"), 5);
    const QFileInfo after(outside.fileName());
    QCOMPARE(after.permissions(), before.permissions());
    QCOMPARE(after.lastModified(), before.lastModified());
}

void tst_Landlock::protectsNamesAtTheTopOfRoots()
{
    QVERIFY(QDir(m_work).mkpath(u".git/hooks"_s) && QDir(m_work).mkdir(u".codex"_s));
    shell(u"for n in .git .codex .agents .aws .nightshift .git/hooks; do chmod 777 $n; echo x > $n/file; mkdir $n; "
          "rmdir $n; ln -s /tmp $n; mv -T $n moved; done; ln .git/hooks hard; mkdir other; mv -T other .aws; "
          "mkdir -p sub/.git && echo x > sub/.git/file"_s);
    QCOMPARE(left(), QStringList({u".codex"_s, u".git"_s, u"other"_s, u"sub"_s}));
    QCOMPARE(QDir(m_work + "/.git"_L1).entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList{u"hooks"_s});
    QVERIFY(QDir(m_work + "/.codex"_L1).isEmpty());
    QVERIFY(QFile::exists(m_work + "/sub/.git/file"_L1));
}

void tst_Landlock::protectsWhatAGitFileNames()
{
    QVERIFY(QDir(m_dir->path()).mkpath(u"extra/repo/.git/worktrees/w"_s));
    m_policy.writableRoots = {folder(u"extra"_s)};
    QFile git(m_work + "/.git"_L1), common(folder(u"extra/repo/.git/worktrees/w/commondir"_s));
    QVERIFY(git.open(QIODevice::WriteOnly) && git.write("gitdir: ../extra/repo/.git/worktrees/w\n") > 0);
    QVERIFY(common.open(QIODevice::WriteOnly) && common.write("../..\n") > 0);
    git.close();
    common.close();
    const QByteArray said = shell(u"for f in .git ../extra/repo/.git/worktrees/w/HEAD ../extra/repo/.git/config; do "
                                  "echo x > $f; done; mv ../extra/repo ../extra/other; echo x > ../extra/repo/file"_s);
    QCOMPARE(said.count("Permission denied"), 3);
    QVERIFY(QFile::exists(folder(u"extra/repo/file"_s)));
}

void tst_Landlock::movesNoFolderThatHoldsARoot()
{
    QVERIFY(QDir(m_work).mkpath(u"a/b/.git"_s));
    m_policy.writableRoots = {m_work + "/a/b"_L1};
    QVERIFY(
        shell(u"mv a x; mv a/b x; mkdir a/c && mv a/c x && ls x && touch a/b/.git/y"_s).contains("Permission denied"));
    QVERIFY(QDir(m_work + "/a/b/.git"_L1).isEmpty());
    QCOMPARE(left(), QStringList({u"a"_s, u"x"_s}));
}

void tst_Landlock::refusesAProtectedNameThatIsALink()
{
    QVERIFY(QFile::link(u"/nowhere"_s, m_work + "/.codex"_L1));
    shell(u"true"_s);
    QVERIFY(m_end.error.has_value());
    QVERIFY2(m_end.error->message.contains(m_work + "/.codex is a symbolic link"_L1), qPrintable(m_end.error->message));
}

void tst_Landlock::keepsTheCallersUmask()
{
    QCOMPARE(shell(u"umask 027; : > a; mkdir b; umask 0; : > c; stat -c %a a b c"_s), "640\n750\n666\n"_ba);
}

void tst_Landlock::waitsForTheReaderOfAPipe()
{
    QCOMPARE(shell(u"mkfifo p; (echo through > p; echo wrote) & echo free > other; cat p; wait; cat other"_s)
                 .replace("wrote\n", ""),
             "through\nfree\n"_ba);
}

void tst_Landlock::followsLinksInsideTheRoots()
{
    QCOMPARE(shell(u"mkdir d; ln -s d l; ln -s l/new n; echo x > n; cat d/new; cd d; echo y >> ../l/./new; cat new; "
                   "ln -s loop loop; echo > loop"_s),
             "x\nx\ny\nbash: line 1: loop: Too many levels of symbolic links\n"_ba);
}

void tst_Landlock::givesATerminal()
{
    CommandRun::Options wanted = options(u"echo typed > /dev/tty; [ -t 0 ] && echo terminal; touch file"_s);
    wanted.tty = true;
    CommandRun command(sandbox(), wanted, nullptr);
    QByteArray output;
    connect(&command, &CommandRun::output, this, [&](const QByteArray &bytes) { output += bytes; });
    QSignalSpy ended(&command, &CommandRun::finished);
    QVERIFY(ended.wait());
    QCOMPARE(output, "typed\r\nterminal\r\n"_ba);
    QCOMPARE(left(), QStringList{u"file"_s});
}

constexpr auto daemonScript =
    "(setsid bash -c 'echo $$ > pid; exec sleep 1000' &) ; while [ ! -s pid ]; do sleep 0.01; done; "_L1;

static bool isAlive(const QString &work)
{
    QFile pid(work + "/pid"_L1);
    return pid.open(QIODevice::ReadOnly) && QFile::exists("/proc/"_L1 + QString::fromUtf8(pid.readAll().trimmed()));
}

void tst_Landlock::leavesNoProcessBehind()
{
    shell(daemonScript + "exit 3"_L1);
    QCOMPARE(m_end, CommandEnd{.exitCode = 3});
    QVERIFY(QFile::exists(m_work + "/pid"_L1) && !isAlive(m_work));
}

void tst_Landlock::endsWhenKilled()
{
    CommandRun command(sandbox(), options(daemonScript + "echo on; while :; do : > busy; done"_L1), nullptr);
    QSignalSpy output(&command, &CommandRun::output), ended(&command, &CommandRun::finished);
    QVERIFY(output.wait());
    QVERIFY(isAlive(m_work));
    command.kill();
    QVERIFY(ended.wait());
    QVERIFY(!isAlive(m_work));
}

static QByteArray withBubblewrap(const QString &folder, const QByteArray &script)
{
    QFile fake(folder + "/bwrap"_L1);
    if (fake.open(QIODevice::WriteOnly) && fake.write(script) > 0)
        fake.setPermissions(QFile::ReadOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther);
    return folder.toLocal8Bit() + ':' + qgetenv("PATH");
}

void tst_Landlock::takesTheWorkOfABubblewrapThatFails()
{
    qunsetenv("NIGHTSHIFT_SANDBOX_MECHANISM");
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", withBubblewrap(m_dir->path(), "#!/bin/sh\necho 'bwrap: setting up uid map: denied' >&2\nexit 1\n"));
    const QByteArray said = shell(u"cat; : > inside; : > ../outside"_s);
    qputenv("PATH", path);
    QCOMPARE(said, "bash: line 1: ../outside: Permission denied\n"_ba);
    QCOMPARE(left(), QStringList{u"inside"_s});
}

void tst_Landlock::saysWhyNothingWorks()
{
    qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", "bubblewrap");
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", withBubblewrap(m_dir->path(), "#!/bin/sh\necho 'bwrap: setting up uid map: denied' >&2\nexit 1\n"));
    shell(u"true"_s);
    qputenv("PATH", path);
    QVERIFY(m_end.error.has_value());
    QVERIFY2(m_end.error->message.contains("bwrap: setting up uid map: denied"_L1) &&
                 m_end.error->message.contains("danger-full-access"_L1),
             qPrintable(m_end.error->message));
}

QTEST_GUILESS_MAIN(tst_Landlock)
#include "tst_landlock.moc"
