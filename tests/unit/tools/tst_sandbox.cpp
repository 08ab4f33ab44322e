#include "tools/sandbox.h"
#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <sys/syscall.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;
using Mode = SandboxPolicy::Mode;

class tst_Sandbox : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER); }
    void init() { qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", "bubblewrap"); }
    void findsTheWritableRoots();
    void leavesOutWhatIsExcluded();
    void letsPatchesInsideRootsOnly();
    void unlocksGitOnRequest();
    void runsTheBareCommandWithFullAccess();
    void namesThePackageWhenBubblewrapIsMissing();
    void takesNoBubblewrapFromAWritableFolder();
    void makesDoWithLandlockWhereThereIsNoBubblewrap();
};

void tst_Sandbox::findsTheWritableRoots()
{
    QTemporaryDir dir(QDir::homePath() + "/nightshift-XXXXXX"_L1);
    const QString base = QFileInfo(dir.path()).canonicalFilePath();
    QVERIFY(QDir(base).mkpath(u"tree"_s) && QDir(base).mkpath(u"other"_s) && QDir(base).mkpath(u"t"_s));
    QVERIFY(QFile::link(base + "/other"_L1, base + "/link"_L1));
    const auto sandbox = Sandbox::prepare(
        {.mode = Mode::WorkspaceWrite, .writableRoots = {base + "/link"_L1, base + "/missing"_L1, base + "/tree"_L1}},
        base + "/tree"_L1, base + "/t"_L1);
    QVERIFY(sandbox.has_value());
    QCOMPARE(sandbox->writableRoots(), QStringList({u"/tmp"_s, base + "/t"_L1, base + "/tree"_L1, base + "/other"_L1}));
}

void tst_Sandbox::leavesOutWhatIsExcluded()
{
    const auto sandbox = Sandbox::prepare(
        {.mode = Mode::WorkspaceWrite, .excludeSlashTmp = true, .excludeTmpdirEnvVar = true}, u"/usr"_s, u"/var/tmp"_s);
    QVERIFY(sandbox.has_value());
    QCOMPARE(sandbox->writableRoots(), QStringList{u"/usr"_s});
    const auto readOnly = Sandbox::prepare({.writableRoots = {u"/usr"_s}}, u"/usr"_s, u"/var/tmp"_s);
    QVERIFY(readOnly.has_value());
    QCOMPARE(readOnly->writableRoots(), QStringList());
}

void tst_Sandbox::letsPatchesInsideRootsOnly()
{
    const auto sandbox =
        Sandbox::prepare({.mode = Mode::WorkspaceWrite, .writableRoots = {u"/usr/lib"_s}}, u"/usr"_s, {});
    QVERIFY(sandbox.has_value());
    QStringList allowed;
    for (const auto &path : {u"/usr/a"_s, u"/usr/sub/.git/x"_s, u"/usr/.git/config"_s, u"/usr/.gitignore"_s,
                             u"/usr/lib/.codex"_s, u"/tmp/x"_s, u"/tmp/.git"_s, u"/etc/passwd"_s, u"/usrx"_s, u"/"_s}) {
        if (sandbox->mayWrite(path))
            allowed += path;
    }
    QCOMPARE(allowed, QStringList({u"/usr/a"_s, u"/usr/sub/.git/x"_s, u"/usr/.gitignore"_s, u"/tmp/x"_s}));
}

void tst_Sandbox::unlocksGitOnRequest()
{
    const auto sandbox = Sandbox::prepare({.mode = Mode::WorkspaceWrite, .git = true}, u"/usr"_s, {});
    QVERIFY(sandbox.has_value());
    QVERIFY(sandbox->mayWrite(u"/usr/.git/config"_s));
    QVERIFY(!sandbox->mayWrite(u"/usr/.nightshift/x"_s));
}

void tst_Sandbox::runsTheBareCommandWithFullAccess()
{
    const auto sandbox = Sandbox::prepare({.mode = Mode::DangerFullAccess}, u"/usr"_s, {},
                                          {.wallTime = std::chrono::seconds(2), .fileSizeBytes = 9});
    QVERIFY(sandbox.has_value());
    QVERIFY(sandbox->mayWrite(u"/etc/passwd"_s));
    const Sandbox::Launch expected{QStringLiteral(SANDBOX_HELPER),
                                   {u"run"_s, u"--wall-ms"_s, u"2000"_s, u"--file-size"_s, u"9"_s, u"--input-bytes"_s,
                                    u"3"_s, u"--cwd"_s, u"/usr"_s, u"--"_s, u"--"_s, u"echo"_s, u"--"_s}};
    QCOMPARE(sandbox->launch({u"echo"_s, u"--"_s}, u"/usr"_s, 3), expected);
}

void tst_Sandbox::namesThePackageWhenBubblewrapIsMissing()
{
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", "/nowhere");
    const auto sandbox = Sandbox::prepare({}, u"/usr"_s, {});
    qputenv("PATH", path);
    QVERIFY(!sandbox.has_value());
    QCOMPARE(sandbox.error().kind, Error::Kind::Denied);
    QVERIFY(sandbox.error().message.contains("install the package bubblewrap"_L1));
}

void tst_Sandbox::takesNoBubblewrapFromAWritableFolder()
{
    QTemporaryDir dir;
    QVERIFY(QFile::copy(u"/bin/true"_s, dir.filePath(u"bwrap"_s)));
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", dir.path().toLocal8Bit());
    const auto sandbox = Sandbox::prepare({.mode = Mode::WorkspaceWrite}, dir.path(), {});
    qputenv("PATH", path);
    QVERIFY(!sandbox.has_value());
}

void tst_Sandbox::makesDoWithLandlockWhereThereIsNoBubblewrap()
{
    if (syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 6)
        QSKIP("needs Linux 6.12 with Landlock");
    qunsetenv("NIGHTSHIFT_SANDBOX_MECHANISM");
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", "/nowhere");
    const auto sandbox = Sandbox::prepare({}, u"/usr"_s, {});
    qputenv("PATH", path);
    QVERIFY(sandbox.has_value());
    const QStringList options{u"run"_s,     u"--landlock"_s, u"yes"_s,     u"--network"_s, u"offline"_s,
                              u"--guard"_s, u".git"_s,       u"--guard"_s, u".agents"_s,   u"--guard"_s,
                              u".codex"_s,  u"--guard"_s,    u".aws"_s,    u"--guard"_s,   u".nightshift"_s,
                              u"--cwd"_s,   u"/usr"_s,       u"--"_s,      u"--"_s,        u"true"_s};
    QStringList arguments = sandbox->launch({u"true"_s}, u"/usr"_s).arguments;
    for (qsizetype at; (at = std::max(arguments.indexOf(u"--hide"_s), arguments.indexOf(u"--show"_s))) >= 0;)
        arguments.remove(at, 2); // of the machine's own folders
    QCOMPARE(arguments, options);
}

QTEST_GUILESS_MAIN(tst_Sandbox)
#include "tst_sandbox.moc"
