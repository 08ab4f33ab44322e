#include "tools/sandbox.h"
#include "tools/ownplaces.h"
#include <QCoreApplication>
#include <QFileInfo>
#include <algorithm>
#include <sys/syscall.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

using Mode = SandboxPolicy::Mode;

static const QString hideOption = u"--hide"_s, showOption = u"--show"_s;

/// The values of one of the helper's options.
static QStringList valuesOf(const QString &option, const QStringList &options)
{
    QStringList values;
    for (qsizetype i = 0; i + 1 < options.size(); i += 2) {
        if (options[i] == option)
            values += options[i + 1];
    }
    return values;
}

static bool isRunnable(const QString &path)
{
    return access(QFile::encodeName(path).constData(), X_OK) == 0;
}

static bool isInside(const QString &path, const QString &folder)
{
    return path == folder || folder == "/"_L1 || path.startsWith(folder + u'/');
}

static Result<QString> findHelper()
{
    const QString named = qEnvironmentVariable("NIGHTSHIFT_SANDBOX_HELPER");
    const QString here = QCoreApplication::applicationDirPath();
    for (const QString &path :
         {named, here + "/nightshift-sandbox"_L1, here + "/../libexec/nightshift/nightshift-sandbox"_L1}) {
        if (!path.isEmpty() && isRunnable(path))
            return path;
    }
    return fail(Error::Kind::NotFound, u"%1/../libexec/nightshift/nightshift-sandbox is missing: the installation is "
                                       "not complete"_s.arg(here));
}

/// The first bwrap on PATH that no command could have put there.
static QString findBubblewrap(const QStringList &writableRoots)
{
    for (const QString &folder : qEnvironmentVariable("PATH").split(u':', Qt::SkipEmptyParts)) {
        const bool isTheirs = std::ranges::any_of(
            writableRoots, [&](const QString &root) { return root != "/"_L1 && isInside(folder, root); });
        const QString path = folder + "/bwrap"_L1;
        if (folder.startsWith(u'/') && !isTheirs && isRunnable(path))
            return path;
    }
    return {};
}

static bool isZero(const char *path)
{
    QFile file(QString::fromLatin1(path));
    return file.open(QIODevice::ReadOnly) && file.read(8).trimmed() == "0";
}

static constexpr auto wayOut = "or run without a sandbox, where that is safe, with --sandbox danger-full-access"_L1;

static std::optional<QString> whyNoNamespaces()
{
    if (isZero("/proc/sys/user/max_user_namespaces"))
        return u"user namespaces are switched off: set sysctl user.max_user_namespaces above 0, "_s + wayOut;
    if (isZero("/proc/sys/kernel/unprivileged_userns_clone") && geteuid() != 0)
        return u"user namespaces are for root only here: set sysctl kernel.unprivileged_userns_clone=1, "_s + wayOut;
    return {};
}

namespace {
/// What contains commands; NIGHTSHIFT_SANDBOX_MECHANISM can insist on one.
struct Mechanisms
{
    bool bubblewrap = true;
    bool landlock = true;
};
} // namespace

static Mechanisms allowedMechanisms()
{
    const QByteArray only = qgetenv("NIGHTSHIFT_SANDBOX_MECHANISM");
    return {.bubblewrap = only != "landlock", .landlock = only != "bubblewrap"};
}

/// The helper says more about it (sandbox/landlock.h); here a glance must do.
static bool hasLandlock()
{
    constexpr long leastVersion = 6;
    return syscall(SYS_landlock_create_ruleset, nullptr, 0, 1 /* asks for the version */) >= leastVersion;
}

Error Sandbox::failure(const QString &words)
{
    QString said = words.trimmed();
    said.replace(u'\n', u"; "_s);
    const bool isNamespace = said.contains("namespace"_L1) || said.contains("uid map"_L1) ||
                             said.contains("RTM_NEWADDR"_L1) || said.contains("Failed to make / slave"_L1) ||
                             said.contains("mount proc"_L1) || said.contains("pivot_root"_L1);
    if (!isNamespace)
        return {Error::Kind::Denied, said};
    if (const auto why = whyNoNamespaces())
        return {Error::Kind::Denied, *why + u" ("_s + said + u')'};
    const bool isAppArmor = !isZero("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") &&
                            QFileInfo::exists(u"/proc/sys/kernel/apparmor_restrict_unprivileged_userns"_s);
    const QString cure =
        isAppArmor
            ? u"AppArmor restricts user namespaces: install a profile for bwrap that allows userns, or set sysctl "
              "kernel.apparmor_restrict_unprivileged_userns=0, "_s
            : u"the machine or the container around it forbids user namespaces; in Docker or Podman allow them with "
              "--security-opt seccomp=unconfined --security-opt systempaths=unconfined, "_s;
    return {Error::Kind::Denied, cure + wayOut + u" ("_s + said + u')'};
}

QStringList Sandbox::protectedNames(const SandboxPolicy &policy)
{
    QStringList names{u".git"_s, u".agents"_s, u".codex"_s, u".aws"_s, u".nightshift"_s};
    if (policy.git)
        names.removeFirst();
    return names;
}

static QStringList findRoots(const SandboxPolicy &policy, const QString &workspace, const QString &tmpdir)
{
    if (policy.mode != Mode::WorkspaceWrite)
        return {};
    QStringList wanted{workspace};
    wanted += policy.writableRoots;
    if (!policy.excludeSlashTmp)
        wanted += u"/tmp"_s;
    if (!policy.excludeTmpdirEnvVar && tmpdir.startsWith(u'/'))
        wanted += tmpdir;
    QStringList roots;
    for (const QString &path : std::as_const(wanted)) {
        const QString canonical = QFileInfo(path).canonicalFilePath(); // empty when it is missing: nothing to open
        if (!canonical.isEmpty() && !roots.contains(canonical))
            roots += canonical;
    }
    std::ranges::stable_sort(roots, {}, &QString::size); // a root inside another is bound over it
    return roots;
}

static QStringList limitOptions(const CommandLimits &limits)
{
    QStringList options;
    const auto add = [&](QLatin1StringView name, std::optional<qint64> value) {
        if (value)
            options += {name, QString::number(*value)};
    };
    if (limits.wallTime)
        add("--wall-ms"_L1, std::chrono::milliseconds(*limits.wallTime).count());
    if (limits.cpuTime)
        add("--cpu-seconds"_L1, limits.cpuTime->count());
    add("--memory"_L1, limits.memoryBytes);
    add("--processes"_L1, limits.processes);
    add("--file-size"_L1, limits.fileSizeBytes);
    return options;
}

/// /run is where the host's daemons listen (docker, D-Bus, the user's session). Only what names and
/// libraries are looked up with comes back.
static QStringList runFolder(const QStringList &shown)
{
    QStringList arguments{u"--perms"_s, u"755"_s, u"--tmpfs"_s, u"/run"_s};
    for (const QString &path : {u"/run/systemd/resolve/stub-resolv.conf"_s, u"/run/systemd/resolve/resolv.conf"_s,
                                u"/run/NetworkManager/resolv.conf"_s, u"/run/resolvconf"_s, u"/run/current-system"_s,
                                u"/run/opengl-driver"_s, u"/run/media"_s}) {
        if (QFileInfo::exists(path))
            arguments += {u"--ro-bind"_s, path, path};
    }
    for (const QString &path : shown) {
        if (path.startsWith("/run/"_L1))
            arguments += {u"--ro-bind"_s, path, path};
    }
    return arguments + QStringList{u"--remount-ro"_s, u"/run"_s};
}

/// Sockets of the host that lie elsewhere.
static QStringList hiddenSockets()
{
    QStringList hidden{u"/tmp/.X11-unix"_s, u"/tmp/.ICE-unix"_s, u"/var/run/docker.sock"_s};
    for (const char *name : {"SSH_AUTH_SOCK", "XDG_RUNTIME_DIR"})
        hidden += qEnvironmentVariable(name);
    const QString docker = qEnvironmentVariable("DOCKER_HOST");
    if (docker.startsWith("unix://"_L1))
        hidden += docker.sliced(7);
    QStringList found;
    for (const QString &path : std::as_const(hidden)) {
        const QString canonical = QFileInfo(path).canonicalFilePath();
        if (!canonical.isEmpty() && canonical != "/"_L1 && !isInside(canonical, u"/run"_s))
            found += canonical;
    }
    return found;
}

/// `shown` must be there even where the rest of /run or /dev is not the host's; the helper makes roots of it writable.
static QStringList wrapperArguments(const SandboxPolicy &policy, const QStringList &shown, bool isRootWritable)
{
    QStringList arguments{u"--die-with-parent"_s, u"--unshare-user"_s, u"--unshare-pid"_s,
                          u"--unshare-ipc"_s,     u"--unshare-uts"_s,  u"--unshare-cgroup-try"_s};
    if (!policy.networkAccess)
        arguments += u"--unshare-net"_s;
    arguments += {isRootWritable ? u"--bind"_s : u"--ro-bind"_s, u"/"_s, u"/"_s};
    if (QFileInfo(u"/run"_s).isDir())
        arguments += runFolder(shown);
    // Read-only, or root could rewrite /proc/sys/kernel/core_pattern and be run outside by the kernel.
    arguments += {u"--dev"_s, u"/dev"_s, u"--proc"_s, u"/proc"_s, u"--remount-ro"_s, u"/proc"_s};
    for (const QString &path : shown) {
        if (path.startsWith("/dev/"_L1)) // in /dev/shm: the new /dev covered it
            arguments += {u"--ro-bind"_s, path, path};
    }
    return arguments + QStringList{u"--cap-drop"_s, u"ALL"_s};
}

std::optional<Error> Sandbox::findWrapper(const QString &workspace)
{
    if (!allowedMechanisms().bubblewrap)
        return Error{Error::Kind::Denied,
                     u"Landlock of this kernel cannot contain commands: Linux 6.12 or later can"_s};
    const QString bubblewrap = findBubblewrap(m_writableRoots);
    if (bubblewrap.isEmpty())
        return Error{Error::Kind::Denied, u"bwrap is not on PATH: install the package bubblewrap, "_s + wayOut};
    if (const auto why = whyNoNamespaces())
        return Error{Error::Kind::Denied, *why};
    const QStringList shown = m_writableRoots.isEmpty() ? QStringList{workspace} : m_writableRoots;
    m_wrapper = QStringList{bubblewrap} + wrapperArguments(m_policy, shown, m_writableRoots.contains(u"/"_s));
    return {};
}

Result<Sandbox> Sandbox::prepare(const SandboxPolicy &policy, const QString &workspace, const QString &tmpdir,
                                 const CommandLimits &limits)
{
    Sandbox sandbox;
    sandbox.m_policy = policy;
    const auto helper = findHelper();
    if (!helper)
        return std::unexpected(helper.error());
    sandbox.m_helper = *helper;
    sandbox.m_options = sandbox.m_limits = limitOptions(limits);
    if (policy.mode == Mode::DangerFullAccess)
        return sandbox;

    sandbox.m_writableRoots = findRoots(policy, workspace, tmpdir);
    const auto noWrapper = sandbox.findWrapper(workspace);
    const bool landlock = allowedMechanisms().landlock && hasLandlock();
    if (noWrapper && !landlock)
        return std::unexpected(*noWrapper);
    if (landlock)
        sandbox.m_options += {u"--landlock"_s, u"yes"_s};
    sandbox.m_options += {u"--network"_s, policy.networkAccess ? u"online"_s : u"offline"_s};
    for (const QString &root : std::as_const(sandbox.m_writableRoots))
        sandbox.m_options += {u"--root"_s, root};
    for (const QString &name : protectedNames(policy))
        sandbox.m_options += {u"--guard"_s, name};
    const OwnPlaces own =
        ownPlaces(QStringList{workspace} + sandbox.m_writableRoots, {QFileInfo(*helper).canonicalFilePath()});
    for (const QString &path : own.hidden)
        sandbox.m_options += {hideOption, path};
    for (const QString &path : own.shown) {
        if (!sandbox.m_writableRoots.contains(path))
            sandbox.m_options += {showOption, path};
    }
    if (policy.networkAccess) {
        for (const QString &path : hiddenSockets())
            sandbox.m_options += {u"--hide-socket"_s, path};
    }
    return sandbox;
}

Sandbox Sandbox::opened() const
{
    Sandbox opened;
    opened.m_policy.mode = Mode::DangerFullAccess;
    opened.m_helper = m_helper;
    opened.m_options = opened.m_limits = m_limits;
    return opened;
}

Sandbox::Launch Sandbox::launch(const QStringList &argv, const QString &cwd, qint64 inputBytes,
                                const QString &tty) const
{
    QStringList arguments{u"run"_s};
    arguments += m_options;
    if (inputBytes > 0)
        arguments += {u"--input-bytes"_s, QString::number(inputBytes)};
    if (!tty.isEmpty())
        arguments += {u"--tty"_s, tty};
    arguments += {u"--cwd"_s, cwd, u"--"_s};
    return {m_helper, arguments + m_wrapper + QStringList{u"--"_s} + argv};
}

Sandbox::Launch Sandbox::launchAttached(const QStringList &argv, const QString &cwd, int lifeline) const
{
    const QString real = QFileInfo(cwd).canonicalFilePath(); // the helper follows no links
    Launch attached = launch(argv, real.isEmpty() ? cwd : real);
    QStringList options{u"--stdin"_s, u"inherit"_s};
    if (lifeline >= 0)
        options += {u"--lifeline"_s, QString::number(lifeline)};
    const QStringList hidden = valuesOf(hideOption, m_options);
    // A server of tools, say, that is installed beside config.toml.
    for (const QString &path : neededParts(hidden, QStringList{cwd} + argv))
        options += {showOption, path};
    // Our own Git in an isolated tree, which it only reads.
    const bool isWritable = std::ranges::any_of(m_writableRoots, [&](const auto &root) { return isInside(cwd, root); });
    if (!isWritable && divide(hidden, {cwd}, {}).shown.contains(cwd))
        options += {showOption, cwd};
    attached.arguments = attached.arguments.first(1) + options + attached.arguments.sliced(1);
    return attached;
}

bool Sandbox::mayWrite(const QString &path) const
{
    if (m_policy.mode == Mode::DangerFullAccess)
        return true;
    // The longest path that says something about this one decides, as it does among mounts.
    qsizetype decided = -1;
    bool isAllowed = false;
    const QStringList names = protectedNames(m_policy);
    for (const QString &root : m_writableRoots) {
        if (!isInside(path, root))
            continue;
        if (root.size() > decided) {
            decided = root.size();
            isAllowed = true;
        }
        for (const QString &name : names) {
            const QString guarded = (root == "/"_L1 ? QString() : root) + u'/' + name;
            if (isInside(path, guarded) && guarded.size() > decided) {
                decided = guarded.size();
                isAllowed = false;
            }
        }
    }
    for (const QString &hidden : valuesOf(hideOption, m_options)) {
        if (isInside(path, hidden) && hidden.size() >= decided)
            isAllowed = false;
    }
    return isAllowed;
}

} // namespace nightshift::tools
