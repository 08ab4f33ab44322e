#include "permissions.h"
#include <QDir>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

using Mode = SandboxPolicy::Mode;

constexpr int deepestExtension = 10; // deeper only where profiles extend each other in a circle

QString expand(QString path, const QString &cwd)
{
    if (path == u"~"_s || path.startsWith(u"~/"_s))
        path = QDir::homePath() + path.sliced(1);
    return QDir::cleanPath(QDir(cwd).absoluteFilePath(path));
}

/// One profile while its entries are read.
class Profile
{
public:
    Profile(const std::vector<Entry> &entries, const QString &cwd)
        : m_entries(entries)
        , m_cwd(cwd)
    {}

    Result<SandboxPolicy> policy(const QString &name)
    {
        return read(name, 0).and_then([&] { return finish(name); });
    }

private:
    Result<> read(const QString &name, int depth);
    Result<> readBuiltIn(const QString &name);
    Result<> take(const Entry &entry);
    Result<> takeAccess(const Entry &entry);
    Result<> takeNetwork(const Entry &entry);
    Result<> takeWorkspaceAccess(const Entry &entry, const QString &below);
    Result<SandboxPolicy> finish(const QString &name);

    static std::unexpected<Error> refuse(const Entry &entry, const QString &why)
    {
        return fail(Error::Kind::Invalid, u"%1: `%2` %3"_s.arg(entry.origin.text(), entry.key(), why));
    }

    const std::vector<Entry> &m_entries;
    const QString m_cwd;
    SandboxPolicy m_policy{.excludeSlashTmp = true, .excludeTmpdirEnvVar = true};
    bool m_readsEverything = false;
    bool m_writesWorkspace = false;
    bool m_unrestricted = false;
    QStringList m_readOnly; ///< Said to be readable and no more.
};

Result<> Profile::readBuiltIn(const QString &name)
{
    m_readsEverything = true;
    if (name == u":danger-full-access"_s) {
        m_unrestricted = true;
    } else if (name == u":workspace"_s) {
        m_writesWorkspace = true;
        m_policy.excludeSlashTmp = m_policy.excludeTmpdirEnvVar = false;
    } else if (name != u":read-only"_s) {
        return fail(Error::Kind::Invalid, u"there is no permission profile `%1`: expected :read-only, :workspace, "
                                          ":danger-full-access, or the name of a table permissions.NAME"_s.arg(name));
    }
    return {};
}

Result<> Profile::read(const QString &name, int depth)
{
    if (name.startsWith(u':'))
        return readBuiltIn(name);
    if (depth > deepestExtension)
        return fail(Error::Kind::Invalid, u"the permission profile `%1` extends itself"_s.arg(name));
    const QStringList start{u"permissions"_s, name};
    if (const Entry *base = find(m_entries, start + QStringList{u"extends"_s}); base && base->value.string()) {
        if (const auto below = read(*base->value.string(), depth + 1); !below)
            return below;
    }
    bool exists = false;
    for (const Entry &entry : m_entries) {
        if (entry.path.size() < 2 || entry.path.first(2) != start)
            continue;
        exists = true;
        if (const auto taken = take(entry); !taken)
            return taken;
    }
    return exists ? Result<>() : readBuiltIn(name);
}

Result<> Profile::take(const Entry &entry)
{
    const QString part = entry.path.value(2);
    if (entry.path.size() == 2 && entry.value.table())
        return {}; // an empty one
    if (part == u"extends"_s || part == u"description"_s)
        return {};
    if (part == u"network"_s)
        return takeNetwork(entry);
    if (part == u"filesystem"_s && entry.path.size() > 3)
        return takeAccess(entry);
    if (part == u"workspace_roots"_s && entry.value.list()) {
        for (const QString &root : entry.value.strings())
            m_policy.writableRoots += expand(root, m_cwd);
        return {};
    }
    return refuse(entry,
                  u"is not known here: a profile has extends, description, filesystem, network, workspace_roots"_s);
}

Result<> Profile::takeNetwork(const Entry &entry)
{
    if (entry.path.size() == 4 && entry.path[3] == u"enabled"_s && entry.value.boolean()) {
        m_policy.networkAccess = *entry.value.boolean();
        return {};
    }
    return refuse(entry, u"cannot be enforced: the sandbox knows only network.enabled"_s);
}

Result<> Profile::takeAccess(const Entry &entry)
{
    const QString place = entry.path[3];
    const QString access = entry.value.string() ? *entry.value.string() : QString();
    if (access == u"deny"_s || access == u"none"_s)
        return refuse(entry, u"cannot be enforced: the sandbox lets commands read everything"_s);
    const bool write = access == u"write"_s;
    if (!write && access != u"read"_s)
        return refuse(entry, u"is %1, expected \"read\" or \"write\""_s.arg(entry.value.toml()));
    if (place == u":workspace_roots"_s || place == u":project_roots"_s)
        return takeWorkspaceAccess(entry, entry.path.value(4));
    if (place == u":slash_tmp"_s) {
        m_policy.excludeSlashTmp = !write;
    } else if (place == u":tmpdir"_s) {
        m_policy.excludeTmpdirEnvVar = !write;
    } else if (place == u":root"_s) {
        m_readsEverything = true;
        if (write)
            m_policy.writableRoots += u"/"_s;
    } else if (place.startsWith(u':')) {
        if (write)
            return refuse(entry, u"cannot be enforced: that place cannot be made writable"_s);
    } else if (place.contains(u'*') || entry.path.size() > 4) {
        return refuse(entry, u"cannot be enforced: name a whole folder"_s);
    } else {
        (write ? m_policy.writableRoots : m_readOnly) += expand(place, m_cwd);
    }
    return {};
}

Result<> Profile::takeWorkspaceAccess(const Entry &entry, const QString &below)
{
    const bool write = *entry.value.string() == u"write"_s;
    if (below.isEmpty() || below == u"."_s) {
        m_writesWorkspace = write;
        return {};
    }
    if (below == u".git"_s) {
        m_policy.git = write;
        return {};
    }
    if (below.contains(u'*'))
        return refuse(entry, u"cannot be enforced: name a whole folder"_s);
    (write ? m_policy.writableRoots : m_readOnly) += expand(below, m_cwd);
    return {};
}

Result<SandboxPolicy> Profile::finish(const QString &name)
{
    const QString start = u"the permission profile `%1` cannot be enforced: "_s.arg(name);
    if (!m_readsEverything)
        return fail(Error::Kind::Invalid, start + u"the sandbox lets commands read everything; say so with "
                                                  "filesystem.\":root\" = \"read\", or extend :read-only"_s);
    if (m_unrestricted) {
        m_policy = {.mode = Mode::DangerFullAccess};
        return m_policy;
    }
    const bool tmp = !m_policy.excludeSlashTmp || !m_policy.excludeTmpdirEnvVar;
    if (!m_writesWorkspace && (tmp || !m_policy.writableRoots.isEmpty()))
        return fail(Error::Kind::Invalid, start + u"where anything is writable, the working folder is; say so with "
                                                  "filesystem.\":workspace_roots\" = \"write\""_s);
    if (!m_writesWorkspace && m_policy.networkAccess)
        return fail(Error::Kind::Invalid, start + u"a run that may write nothing has no network"_s);
    m_policy.mode = m_writesWorkspace ? Mode::WorkspaceWrite : Mode::ReadOnly;
    QStringList writable = m_policy.writableRoots;
    if (m_writesWorkspace)
        writable += m_cwd;
    for (const QString &path : std::as_const(m_readOnly)) {
        const bool inside = std::ranges::any_of(
            writable, [&](const QString &root) { return path == root || path.startsWith(root + u'/'); });
        if (inside)
            return fail(Error::Kind::Invalid,
                        start + u"%1 is to be read only, inside a folder that is writable"_s.arg(path));
    }
    m_policy.writableRoots.removeDuplicates();
    return m_policy;
}

} // namespace

Result<SandboxPolicy> resolvePermissions(const QString &name, const std::vector<Entry> &entries, const QString &cwd)
{
    return Profile(entries, cwd).policy(name);
}

} // namespace nightshift::config
