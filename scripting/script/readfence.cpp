#include "script/readfence.h"
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>
#include <algorithm>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::script {

namespace {

// Source: the kernel's Documentation/userspace-api/landlock.rst. The header of the build machine may be older.
constexpr quint64 execute = 1 << 0, readFile = 1 << 2, readFolder = 1 << 3;
constexpr quint64 allTcp = (1 << 0) | (1 << 1);

struct Ruleset
{
    quint64 files = 0, network = 0;
};

/// Each version of Landlock has more rights to take than the one before.
quint64 rightsOf(long version)
{
    return (1ULL << (version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13)) - 1;
}

void allow(int rules, const QString &path, quint64 rights)
{
    const int fd = ::open(QFile::encodeName(path).constData(), O_PATH | O_CLOEXEC);
    struct stat info;
    if (fd < 0)
        return; // what is missing needs no rule
    if (::fstat(fd, &info) == 0 && !S_ISDIR(info.st_mode))
        rights &= execute | readFile;
    const landlock_path_beneath_attr rule{.allowed_access = rights, .parent_fd = fd};
    ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    ::close(fd);
}

/// What programs, their libraries and interpreters are read from, and nothing of a user's.
QStringList placesOfPrograms(const QString &program)
{
    QStringList places{u"/usr"_s,      u"/bin"_s,        u"/sbin"_s,      u"/lib"_s,
                       u"/lib32"_s,    u"/lib64"_s,      u"/nix/store"_s, u"/etc/ld.so.cache"_s,
                       u"/dev/null"_s, u"/dev/urandom"_s};
    const QString real = QFileInfo(program).canonicalFilePath();
    places += real;
    if (const qsizetype package = real.lastIndexOf("/node_modules/"_L1);
        package >= 0) { // npm's: a shim and the program
        const QString modules = real.first(package) + "/node_modules/"_L1;
        places += {modules + u"esbuild"_s, modules + u"@esbuild"_s};
        places += QFileInfo(QStandardPaths::findExecutable(u"node"_s)).canonicalFilePath();
    }
    places.removeAll(QString());
    return places;
}

/// A limit of our own memory is not meant for it.
void liftMemoryLimit()
{
    rlimit limit;
    ::getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_AS, &limit);
}

} // namespace

ReadFence::ReadFence(QString program)
    : m_program(std::move(program))
{}

ReadFence::~ReadFence()
{
    if (m_rules >= 0)
        ::close(m_rules);
}

bool ReadFence::makeRules(const QStringList &readable, const QString &writable)
{
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return false;
    const Ruleset wanted{.files = rightsOf(version), .network = version >= 4 ? allTcp : 0};
    m_rules = int(::syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0));
    if (m_rules < 0)
        return false;
    for (const QString &path : placesOfPrograms(m_program))
        allow(m_rules, path, execute | readFile | readFolder);
    for (const QString &path : readable)
        allow(m_rules, path, readFile | readFolder);
    allow(m_rules, writable, wanted.files);
    return true;
}

void ReadFence::makeWrapper(const QStringList &readable, const QString &writable)
{
    const QString bubblewrap = QStandardPaths::findExecutable(u"bwrap"_s);
    if (bubblewrap.isEmpty())
        return;
    QStringList words{bubblewrap, u"--unshare-all"_s, u"--die-with-parent"_s, u"--dev"_s, u"/dev"_s};
    for (const QString &path : placesOfPrograms(m_program)) {
        if (!path.startsWith("/dev/"_L1))
            words += {u"--ro-bind-try"_s, path, path};
    }
    for (const QString &path : readable)
        words += {u"--ro-bind-try"_s, path, path};
    words += {u"--bind"_s, writable, writable, u"--"_s};
    QProcess trial; // whether it can make its name spaces here
    trial.start(bubblewrap, words.mid(1) + QStringList{u"true"_s});
    if (trial.waitForFinished() && trial.exitCode() == 0)
        m_wrapper = words;
}

bool ReadFence::raise(const QStringList &readable, const QString &writable)
{
    const QByteArray only = qgetenv("NIGHTSHIFT_SANDBOX_MECHANISM");
    if (only != "bubblewrap" && makeRules(readable, writable))
        return true;
    if (only != "landlock")
        makeWrapper(readable, writable);
    return !m_wrapper.isEmpty();
}

void ReadFence::start(QProcess &process, const QStringList &arguments) const
{
    process.setChildProcessModifier([rules = m_rules, &process] {
        liftMemoryLimit();
        if (rules >= 0 &&
            (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::syscall(SYS_landlock_restrict_self, rules, 0) != 0))
            process.failChildProcessModifier("Landlock", errno);
    });
    const QStringList words = m_wrapper + QStringList{m_program} + arguments;
    process.start(words.front(), words.mid(1));
}

} // namespace nightshift::script
