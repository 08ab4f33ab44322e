#include "tools/commandrun.h"
#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

/// Whoever moves folders while a command starts gains nothing: a sandbox is of the folders that were looked at, or the
/// command does not run.
class tst_Roots : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();

    void whatIsReplacedWhileACommandStartsRunsNothing_data();
    void whatIsReplacedWhileACommandStartsRunsNothing();
    void noCommandMovesAFolderAboveOneOfItsRoots_data();
    void noCommandMovesAFolderAboveOneOfItsRoots();
    void nothingOutsideIsWrittenWhileFoldersAreExchanged_data();
    void nothingOutsideIsWrittenWhileFoldersAreExchanged();
    void aWorkingFolderThatIsALinkByNowRunsNothing_data();
    void aWorkingFolderThatIsALinkByNowRunsNothing();

private:
    QByteArray shell(const QString &script, const QString &cwd);
    QString folder(const QString &name) const { return QFileInfo(m_dir->path()).canonicalFilePath() + u'/' + name; }
    void make(const QString &file, const QByteArray &content) const;
    QStringList in(const QString &name) const
    {
        return QDir(folder(name)).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    }
    static void mechanisms();

    std::unique_ptr<QTemporaryDir> m_dir;
    SandboxPolicy m_policy;
    QByteArray m_path = qgetenv("PATH");
    CommandEnd m_end;
};

void tst_Roots::initTestCase()
{
    qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
    qRegisterMetaType<CommandEnd>();
}

/// `all/top/tree` is the workspace, and `all` is writable as well; `out` is not.
void tst_Roots::init()
{
    qputenv("PATH", m_path);
    qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", "bubblewrap");
    m_dir = std::make_unique<QTemporaryDir>(QDir::homePath() + "/nightshift-XXXXXX"_L1); // /tmp is a root by itself
    for (const QString &name : {u"all/top/tree/sub"_s, u"all/add"_s, u"all/tmp"_s, u"out"_s, u"bin"_s})
        QVERIFY(QDir(m_dir->path()).mkpath(name));
    m_policy = {.mode = SandboxPolicy::Mode::WorkspaceWrite,
                .writableRoots = {folder(u"all"_s), folder(u"all/add"_s)},
                .excludeSlashTmp = true};
}

void tst_Roots::make(const QString &name, const QByteArray &content) const
{
    QFile file(folder(name));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(content) == content.size());
}

QByteArray tst_Roots::shell(const QString &script, const QString &cwd)
{
    const auto sandbox = Sandbox::prepare(m_policy, folder(u"all/top/tree"_s), folder(u"all/tmp"_s));
    if (!sandbox)
        return sandbox.error().message.toUtf8();
    CommandRun command(*sandbox,
                       {.argv = {u"bash"_s, u"-c"_s, script},
                        .cwd = cwd,
                        .environment = {u"PATH="_s + QString::fromLocal8Bit(m_path), u"LC_ALL=C"_s}},
                       nullptr);
    QByteArray output;
    connect(&command, &CommandRun::output, this, [&](const QByteArray &bytes) { output += bytes; });
    QSignalSpy ended(&command, &CommandRun::finished);
    if (!ended.wait(20'000))
        return "timed out";
    m_end = ended.first().first().value<CommandEnd>();
    return m_end.error ? m_end.error->message.toUtf8() : output;
}

void tst_Roots::whatIsReplacedWhileACommandStartsRunsNothing_data()
{
    QTest::addColumn<QString>("victim");
    QTest::addColumn<QString>("other"); // what takes its place
    QTest::addRow("the folder above the workspace") << u"all/top"_s << u"all/evil"_s;
    QTest::addRow("the workspace") << u"all/top/tree"_s << u"all/evil/tree"_s;
    QTest::addRow("a folder on the way to a root") << u"all"_s << u"evil"_s;
    QTest::addRow("a further root") << u"all/add"_s << u"all/evil"_s;
    QTest::addRow("$TMPDIR") << u"all/tmp"_s << u"all/evil"_s;
    QTest::addRow("the working folder") << u"all/top/tree/sub"_s << u"link"_s;
    QTest::addRow("a protected folder") << u"all/top/tree/.git"_s << u"all/evil"_s;
    QTest::addRow("git's folder of a worktree") << u"all/repo/.git"_s << u"all/evil"_s;
}

/// The exchange comes when roots have been looked at and bubblewrap has not yet begun.
void tst_Roots::whatIsReplacedWhileACommandStartsRunsNothing()
{
    QFETCH(QString, victim);
    QFETCH(QString, other);
    for (const QString &name : {u"all/evil/tree/sub"_s, u"all/evil/worktrees/w"_s, u"evil/top/tree/sub"_s,
                                u"evil/add"_s, u"evil/tmp"_s, u"all/repo/.git/worktrees/w"_s})
        QVERIFY(QDir(m_dir->path()).mkpath(name));
    QVERIFY(QFile::link(folder(u"out"_s), folder(u"link"_s)));
    if (victim == "all/top/tree/.git"_L1)
        QVERIFY(QDir(m_dir->path()).mkpath(victim));
    else
        make(u"all/top/tree/.git"_s, "gitdir: " + folder(u"all/repo/.git/worktrees/w"_s).toUtf8() + '\n');
    make(u"bin/bwrap"_s, "#!/bin/sh\nmv -T " + folder(victim).toUtf8() + ' ' + folder(u"moved"_s).toUtf8() +
                             " && mv -T " + folder(other).toUtf8() + ' ' + folder(victim).toUtf8() + "\nPATH='" +
                             m_path + "'\nexec bwrap \"$@\"\n");
    QFile::setPermissions(folder(u"bin/bwrap"_s), QFile::ReadOwner | QFile::ExeOwner);
    qputenv("PATH", folder(u"bin"_s).toLocal8Bit() + ':' + m_path);
    const QByteArray said = shell(u"touch ran; echo ran"_s, folder(u"all/top/tree/sub"_s));
    QVERIFY2(m_end.error.has_value(), said.constData());
    QVERIFY2(said.contains(folder(victim).toUtf8()), said.constData());
    QVERIFY2(said.contains("moved") || said.contains("symbolic link by now"), said.constData());
    QCOMPARE(in(u"out"_s), QStringList());
}

void tst_Roots::mechanisms()
{
    QTest::addColumn<QByteArray>("mechanism");
    QTest::addRow("bubblewrap") << "bubblewrap"_ba;
    if (syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) >= 6)
        QTest::addRow("landlock") << "landlock"_ba;
}

void tst_Roots::noCommandMovesAFolderAboveOneOfItsRoots_data()
{
    mechanisms();
}

/// The next command would find another folder at the root's path, and this one's .git no longer protected.
void tst_Roots::noCommandMovesAFolderAboveOneOfItsRoots()
{
    QFETCH(QByteArray, mechanism);
    qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", mechanism);
    QVERIFY(QDir(m_dir->path()).mkpath(u"all/repo/.git/worktrees/w"_s));
    make(u"all/top/tree/.git"_s, "gitdir: " + folder(u"all/repo/.git/worktrees/w"_s).toUtf8() + '\n');
    shell(
        u"cd %1 && mv top other; mv repo other; mv add other; mv tmp other; mv top/tree top/other; echo x > file"_s.arg(
            folder(u"all"_s)),
        folder(u"all"_s));
    QCOMPARE(in(u"all"_s), QStringList({u"add"_s, u"file"_s, u"repo"_s, u"tmp"_s, u"top"_s}));
    QCOMPARE(in(u"all/top"_s), QStringList{u"tree"_s});
}

void tst_Roots::nothingOutsideIsWrittenWhileFoldersAreExchanged_data()
{
    mechanisms();
}

void tst_Roots::nothingOutsideIsWrittenWhileFoldersAreExchanged()
{
    QFETCH(QByteArray, mechanism);
    qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", mechanism);
    QVERIFY(QDir(m_dir->path()).mkpath(u"all/evil"_s) && QFile::link(folder(u"out"_s), folder(u"all/evil/tree"_s)));
    const QByteArray top = folder(u"all/top"_s).toLocal8Bit(), evil = folder(u"all/evil"_s).toLocal8Bit();
    const QString tree = folder(u"all/top/tree"_s);
    const auto sandbox = Sandbox::prepare(m_policy, tree, {});
    QVERIFY(sandbox.has_value());
    std::atomic<bool> isOver = false;
    std::thread exchanging([&] {
        while (!isOver) {
            syscall(SYS_renameat2, AT_FDCWD, top.constData(), AT_FDCWD, evil.constData(), RENAME_EXCHANGE);
            usleep(300);
        }
    });
    for (int i = 0; i < 25; ++i) {
        CommandRun command(*sandbox,
                           {.argv = {u"bash"_s, u"-c"_s, u"echo x > %1/escaped; echo x > escaped"_s.arg(tree)},
                            .cwd = tree,
                            .environment = {u"PATH="_s + QString::fromLocal8Bit(m_path)}},
                           nullptr);
        QSignalSpy ended(&command, &CommandRun::finished);
        if (!ended.wait(20'000))
            break;
    }
    isOver = true;
    exchanging.join();
    QCOMPARE(in(u"out"_s), QStringList());
}

void tst_Roots::aWorkingFolderThatIsALinkByNowRunsNothing_data()
{
    mechanisms();
    QTest::addRow("full access") << "none"_ba;
}

void tst_Roots::aWorkingFolderThatIsALinkByNowRunsNothing()
{
    QFETCH(QByteArray, mechanism);
    if (mechanism == "none")
        m_policy.mode = SandboxPolicy::Mode::DangerFullAccess;
    else
        qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", mechanism);
    QVERIFY(QDir().rmdir(folder(u"all/top/tree/sub"_s)) &&
            QFile::link(folder(u"out"_s), folder(u"all/top/tree/sub"_s)));
    const QByteArray said = shell(u"echo ran; touch ran"_s, folder(u"all/top/tree/sub"_s));
    QVERIFY2(m_end.error && said.contains("symbolic link by now"), said.constData());
    QCOMPARE(in(u"out"_s), QStringList());
}

QTEST_GUILESS_MAIN(tst_Roots)
#include "tst_roots.moc"
