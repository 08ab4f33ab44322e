#include "tools/commandrun.h"
#include <QCoreApplication>
#include <QDir>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cerrno>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/f2fs.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/msdos_fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;
using Mode = SandboxPolicy::Mode;

namespace {

struct Request
{
    const char *name;
    unsigned long number;
};

#define NAMED(request) {#request, request}

/// What changes a file or its file system through a descriptor that is open for reading, on one file system or another.
constexpr Request changing[] = {
    NAMED(FS_IOC_SETFLAGS),
    NAMED(FS_IOC32_SETFLAGS),
    NAMED(FS_IOC_SETVERSION),
    NAMED(FS_IOC32_SETVERSION),
    NAMED(FS_IOC_FSSETXATTR),
    NAMED(FS_IOC_SETFSLABEL),
    NAMED(FIFREEZE),
    NAMED(FITHAW),
    NAMED(FITRIM),
    NAMED(FIDEDUPERANGE),
    NAMED(FIBMAP),
    NAMED(FS_IOC_ENABLE_VERITY),
    NAMED(FS_IOC_SET_ENCRYPTION_POLICY),
    NAMED(FS_IOC_ADD_ENCRYPTION_KEY),
    NAMED(FS_IOC_REMOVE_ENCRYPTION_KEY),
    NAMED(FS_IOC_REMOVE_ENCRYPTION_KEY_ALL_USERS),
    {"EXT4_IOC_SETVERSION", _IOW('f', 4, long)},
    {"EXT4_IOC32_SETVERSION", _IOW('f', 4, int)},
    {"EXT4_IOC_SETRSVSZ", _IOW('f', 6, long)},
    {"EXT4_IOC_GROUP_EXTEND", _IOW('f', 7, unsigned long)},
    {"EXT4_IOC_GROUP_ADD", _IOW('f', 8, char[40])},
    {"EXT4_IOC_MIGRATE", _IO('f', 9)},
    {"EXT4_IOC_ALLOC_DA_BLKS", _IO('f', 12)},
    {"EXT4_IOC_MOVE_EXT", _IOWR('f', 15, char[40])},
    {"EXT4_IOC_RESIZE_FS", _IOW('f', 16, __u64)},
    {"EXT4_IOC_SWAP_BOOT", _IO('f', 17)},
    {"EXT4_IOC_PRECACHE_EXTENTS", _IO('f', 18)},
    {"EXT4_IOC_CLEAR_ES_CACHE", _IO('f', 40)},
    {"EXT4_IOC_CHECKPOINT", _IOW('f', 43, __u32)},
    {"EXT4_IOC_SETFSUUID", _IOW('f', 44, char[8])},
    {"EXT4_IOC_SHUTDOWN", _IOR('X', 125, __u32)},
    {"XFS_IOC_ALLOCSP", _IOW('X', 10, char[48])},
    {"XFS_IOC_RESVSP64", _IOW('X', 42, char[48])},
    {"XFS_IOC_UNRESVSP64", _IOW('X', 43, char[48])},
    {"XFS_IOC_ZERO_RANGE", _IOW('X', 57, char[48])},
    {"XFS_IOC_FREE_EOFBLOCKS", _IOR('X', 58, char[128])},
    {"XFS_IOC_SWAPEXT", _IOWR('X', 109, char[224])},
    {"XFS_IOC_EXCHANGE_RANGE", _IOW('X', 129, char[40])},
    {"XFS_IOC_OPEN_BY_HANDLE", _IOWR('X', 107, char[48])},
    {"XFS_IOC_ATTRMULTI_BY_HANDLE", _IOW('X', 123, char[64])},
    NAMED(BTRFS_IOC_SNAP_CREATE),
    NAMED(BTRFS_IOC_SNAP_CREATE_V2),
    NAMED(BTRFS_IOC_SUBVOL_CREATE),
    NAMED(BTRFS_IOC_SUBVOL_CREATE_V2),
    NAMED(BTRFS_IOC_SNAP_DESTROY),
    NAMED(BTRFS_IOC_SNAP_DESTROY_V2),
    NAMED(BTRFS_IOC_SUBVOL_SETFLAGS),
    NAMED(BTRFS_IOC_SET_RECEIVED_SUBVOL),
    NAMED(BTRFS_IOC_DEFRAG),
    NAMED(BTRFS_IOC_DEFRAG_RANGE),
    NAMED(BTRFS_IOC_SYNC),
    NAMED(BTRFS_IOC_START_SYNC),
    NAMED(BTRFS_IOC_BALANCE_V2),
    NAMED(BTRFS_IOC_DEFAULT_SUBVOL),
    NAMED(BTRFS_IOC_QUOTA_CTL),
    NAMED(F2FS_IOC_START_ATOMIC_WRITE),
    NAMED(F2FS_IOC_SET_PIN_FILE),
    NAMED(F2FS_IOC_GARBAGE_COLLECT),
    NAMED(F2FS_IOC_DEFRAGMENT),
    NAMED(F2FS_IOC_MOVE_RANGE),
    NAMED(F2FS_IOC_RELEASE_COMPRESS_BLOCKS),
    NAMED(F2FS_IOC_SET_COMPRESS_OPTION),
    NAMED(FAT_IOCTL_SET_ATTRIBUTES),
    {"CEPH_IOC_SET_LAYOUT", _IOW(0x97, 2, char[40])},
    {"CIFS_IOC_COPYCHUNK_FILE", _IOW(0xCF, 3, int)},
    {"CIFS_IOC_SET_INTEGRITY", _IO(0xCF, 4)},
    {"HFSPLUS_IOC_BLESS", _IO('h', 0x80)},
    {"NILFS_IOCTL_CHANGE_CPMODE", _IOW('n', 0x80, char[16])},
    {"OCFS2_IOC_REFLINK", _IOW('o', 4, char[24])},
    {"BCH_IOCTL_SUBVOLUME_CREATE", _IOW(0xbc, 16, char[32])},
    {"FUSE_DEV_IOC_CLONE", _IOR(229, 0, __u32)},
    NAMED(TIOCSTI),
    NAMED(TIOCLINUX),
    {"a request that is not known yet", _IOW('f', 200, __u32)},
};

constexpr Request reading[] = {
    NAMED(FS_IOC_GETFLAGS), NAMED(FS_IOC_GETVERSION), NAMED(FS_IOC_FSGETXATTR), NAMED(FS_IOC_FIEMAP), NAMED(FIGETBSZ),
    NAMED(FICLONE),         NAMED(FICLONERANGE),      NAMED(FIONREAD),          NAMED(FIONBIO),       NAMED(FIOCLEX),
    NAMED(TCGETS),          NAMED(TIOCGWINSZ),        NAMED(TIOCGPTN),          NAMED(TIOCSWINSZ),
};

bool isAnsweredByTheFilter(unsigned long request)
{
    return ioctl(-1, request, nullptr) < 0 && errno != EBADF; // the kernel itself would look at the descriptor first
}

/// Runs in the sandbox.
int tryRequests()
{
    for (const Request &request : changing) {
        if (!isAnsweredByTheFilter(request.number))
            printf("%s gets through\n", request.name);
    }
    for (const Request &request : reading) {
        if (isAnsweredByTheFilter(request.number))
            printf("%s is refused\n", request.name);
    }
    return 0;
}

/// Runs in the sandbox: what the owner of a file needs no other right for.
int changeFile(const char *path)
{
    const int fd = open(path, O_RDONLY);
    long version = 4711;
    int flags = 0;
    fsxattr attributes{};
    ioctl(fd, FS_IOC_SETVERSION, &version);
    ioctl(fd, _IOW('f', 4, long), &version);
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) {
        flags |= FS_NODUMP_FL;
        ioctl(fd, FS_IOC_SETFLAGS, &flags);
    }
    if (ioctl(fd, FS_IOC_FSGETXATTR, &attributes) == 0) {
        attributes.fsx_xflags |= FS_XFLAG_NOATIME;
        attributes.fsx_projid = 4711;
        ioctl(fd, FS_IOC_FSSETXATTR, &attributes);
    }
    return fd < 0;
}

/// What these requests could change.
QByteArray stateOf(const QString &path)
{
    const int fd = open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC);
    long version = 0;
    int flags = 0;
    fsxattr attributes{};
    ioctl(fd, FS_IOC_GETVERSION, &version);
    ioctl(fd, FS_IOC_GETFLAGS, &flags);
    ioctl(fd, FS_IOC_FSGETXATTR, &attributes);
    close(fd);
    return QByteArray::number(int(version)) + ' ' + QByteArray::number(flags) + ' ' +
           QByteArray::number(attributes.fsx_xflags) + ' ' + QByteArray::number(attributes.fsx_projid);
}

} // namespace

/// Landlock does not look at ioctl() on files, and its commands see no read-only mounts.
class tst_Ioctls : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void areAllowedOnlyWhereTheyAreHarmless();
    void changeNoFileOutsideTheRoots_data();
    void changeNoFileOutsideTheRoots();

private:
    static QByteArray inside(const QStringList &words, const QString &cwd);
};

void tst_Ioctls::initTestCase()
{
    if (syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 6)
        QSKIP("needs Linux 6.12 with Landlock");
    if (!qEnvironmentVariableIsSet("NIGHTSHIFT_SANDBOX_HELPER"))
        qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
    qRegisterMetaType<CommandEnd>();
}

/// What this program prints in the sandbox, called with these words.
QByteArray tst_Ioctls::inside(const QStringList &words, const QString &cwd)
{
    const auto sandbox = Sandbox::prepare({.mode = Mode::WorkspaceWrite}, cwd, {});
    if (!sandbox)
        return sandbox.error().message.toUtf8();
    CommandRun command(*sandbox,
                       {.argv = QStringList{QCoreApplication::applicationFilePath()} + words,
                        .cwd = cwd,
                        .environment = QProcess::systemEnvironment()},
                       nullptr);
    QByteArray printed;
    connect(&command, &CommandRun::output, &command, [&](const QByteArray &bytes) { printed += bytes; });
    QSignalSpy ended(&command, &CommandRun::finished);
    if (!ended.wait(20'000))
        return "timed out";
    const auto end = ended.first().first().value<CommandEnd>();
    return end == CommandEnd{.exitCode = 0} ? printed : printed + "it failed\n";
}

void tst_Ioctls::areAllowedOnlyWhereTheyAreHarmless()
{
    qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", "landlock");
    QTemporaryDir dir;
    QCOMPARE(inside({u"try"_s}, dir.path()), QByteArray());
}

void tst_Ioctls::changeNoFileOutsideTheRoots_data()
{
    QTest::addColumn<QByteArray>("mechanism");
    QTest::newRow("bubblewrap") << "bubblewrap"_ba;
    QTest::newRow("landlock") << "landlock"_ba;
}

void tst_Ioctls::changeNoFileOutsideTheRoots()
{
    QFETCH(const QByteArray, mechanism);
    qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", mechanism);
    QTemporaryDir dir(QDir::homePath() + "/nightshift-XXXXXX"_L1);
    QVERIFY(QDir(dir.path()).mkdir(u"tree"_s));
    QFile file(dir.filePath(u"file"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    const QByteArray before = stateOf(file.fileName());
    QCOMPARE(inside({u"change"_s, file.fileName()}, dir.filePath(u"tree"_s)), QByteArray());
    QCOMPARE(stateOf(file.fileName()), before);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "try") == 0)
        return tryRequests();
    if (argc == 3 && strcmp(argv[1], "change") == 0)
        return changeFile(argv[2]);
    QCoreApplication application(argc, argv);
    tst_Ioctls test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_ioctls.moc"
