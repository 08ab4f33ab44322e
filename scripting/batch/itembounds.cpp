#include "itembounds.h"
#include "tools/sandbox.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

using Mode = SandboxPolicy::Mode;

constexpr auto wayOut = "give it on the command line, or let the script do what you can do with --allow-exec"_L1;

bool isBelow(const QString &path, const QString &folder)
{
    return path == folder || folder == "/"_L1 || path.startsWith(folder + u'/');
}

bool isBelowAny(const QString &path, const QStringList &folders)
{
    return std::ranges::any_of(folders, [&path](const QString &folder) { return isBelow(path, folder); });
}

/// Git's and our own folders, which no command may write, wherever they lie in a folder that it may.
bool isProtected(const QString &path, const QStringList &folders)
{
    const QStringList names = tools::Sandbox::protectedNames({});
    return std::ranges::none_of(folders, [&](const QString &folder) {
        const QStringList steps = isBelow(path, folder) ? path.sliced(folder.size()).split(u'/') : names;
        return std::ranges::none_of(steps, [&names](const QString &step) { return names.contains(step); });
    });
}

auto programOf(const McpServerSettings &server)
{
    return std::tie(server.name, server.command, server.args, server.environment, server.cwd, server.url,
                    server.headers, server.bearerTokenEnvVar);
}

QString excessOf(const SandboxPolicy &asked, const SandboxPolicy &most)
{
    if (most.mode == Mode::DangerFullAccess)
        return {};
    if (asked.mode > most.mode)
        return u"the sandbox "_s + sandboxModeName(asked.mode);
    if (asked.mode == Mode::ReadOnly)
        return asked.networkAccess && !most.networkAccess ? u"network access"_s : QString();
    for (const auto &[more, name] :
         {std::pair{asked.networkAccess && !most.networkAccess, "network access"_L1},
          std::pair{asked.git && !most.git, "writing to .git"_L1},
          std::pair{!asked.excludeSlashTmp && most.excludeSlashTmp, "writing to /tmp"_L1},
          std::pair{!asked.excludeTmpdirEnvVar && most.excludeTmpdirEnvVar, "writing to $TMPDIR"_L1}}) {
        if (more)
            return name;
    }
    for (const QString &root : asked.writableRoots) {
        if (!most.writableRoots.contains(root))
            return u"writing to "_s + root;
    }
    return {};
}

/// Of what is started outside of every sandbox, by the engine itself.
QString excessOfPrograms(const Settings &asked, const Settings &most)
{
    for (const McpServerSettings &server : asked.mcpServers) {
        const auto isSame = [&server](const McpServerSettings &known) {
            return programOf(known) == programOf(server) && known.sandbox == server.sandbox;
        };
        if (server.enabled && std::ranges::none_of(most.mcpServers, isSame))
            return u"the MCP server `%1` of %2"_s.arg(server.name, asked.cwd);
    }
    for (const HookSettings &hook : asked.hooks) {
        if (!std::ranges::contains(most.hooks, hook))
            return u"the hook `%1` of %2"_s.arg(hook.command, hook.source);
    }
    if (!asked.notify.isEmpty() && asked.notify != most.notify)
        return u"notify of "_s + asked.cwd;
    if (asked.provider.tokenCommand && asked.provider.tokenCommand != most.provider.tokenCommand)
        return u"the auth command of model_providers.%1"_s.arg(asked.provider.id);
    for (const CommandRule &rule : asked.commandRules) {
        if (rule.decision == CommandRule::Decision::Allow && !std::ranges::contains(most.commandRules, rule))
            return u"the rule %1"_s.arg(rule.place());
    }
    return {};
}

/// Whether anybody has said which sandbox: a flag, a file, a requirement.
bool isSandboxSaid(const config::LoadedSettings &loaded)
{
    return std::ranges::any_of(loaded.values, [](const config::Entry &entry) {
        const QString &key = entry.path.front();
        return key == "sandbox_mode"_L1 || key == "default_permissions"_L1;
    });
}

} // namespace

QString excessOf(const Settings &asked, const Settings &most)
{
    if (const QString excess = excessOf(asked.sandbox, most.sandbox); !excess.isEmpty())
        return excess;
    if (asked.isolation == Isolation::None && most.isolation != Isolation::None)
        return u"isolation none"_s;
    return excessOfPrograms(asked, most);
}

Result<ItemBounds> ItemBounds::of(const Surroundings &surroundings, const QString &folder, const QStringList &readable)
{
    config::LoadOptions loading = surroundings.loading;
    loading.cwd = folder;
    auto there = config::loadSettings(loading);
    if (!there)
        return std::unexpected(there.error());
    ItemBounds bounds;
    bounds.m_granted = {surroundings.defaults, there->settings};
    for (Settings &granted : bounds.m_granted) {
        if (granted.sandbox.mode == Mode::ReadOnly && !isSandboxSaid(*there))
            granted.sandbox.mode = Mode::WorkspaceWrite;
        bounds.m_writable += granted.sandbox.writableRoots;
    }
    bounds.m_writable += {surroundings.defaults.cwd, folder};
    bounds.m_readable = bounds.m_writable + readable;
    for (QStringList *folders : {&bounds.m_writable, &bounds.m_readable}) {
        for (QString &each : *folders)
            each = QFileInfo(each).canonicalFilePath();
        folders->removeAll(QString());
    }
    return bounds;
}

bool ItemBounds::isUnbounded() const
{
    return std::ranges::any_of(m_granted,
                               [](const Settings &granted) { return granted.sandbox.mode == Mode::DangerFullAccess; });
}

Result<> ItemBounds::admitPlace(const Settings &asked) const
{
    if (isUnbounded())
        return {};
    const QString folder = QFileInfo(asked.cwd).canonicalFilePath();
    const bool writes = asked.sandbox.mode != Mode::ReadOnly && asked.isolation == Isolation::None;
    if (!isBelowAny(folder, m_readable))
        return fail(Error::Kind::Denied, u"the folder %1 lies outside of the script's: allow it with --allow-read DIR, "
                                         "or all that you can do with --allow-exec"_s.arg(asked.cwd));
    if (writes && !isBelowAny(folder, m_writable))
        return fail(Error::Kind::Denied, u"commands may not write in %1, which lies outside of the script's folder: "
                                         "begin there, or give --allow-exec"_s.arg(asked.cwd));
    if (writes && isProtected(folder, m_writable))
        return fail(Error::Kind::Denied, u"commands may not write in %1: git and this program keep their own there; "
                                         "--allow-exec allows it"_s.arg(asked.cwd));
    return {};
}

Result<> ItemBounds::admit(const Settings &asked) const
{
    if (const auto placed = admitPlace(asked); !placed)
        return placed;
    QString excess;
    for (const Settings &most : m_granted) {
        excess = excessOf(asked, most);
        if (excess.isEmpty())
            return {};
    }
    return fail(Error::Kind::Denied,
                u"%1 is more than the command line has for scripts: %2"_s.arg(excess, QString(wayOut)));
}

Result<> ItemBounds::admitResults(const QString &folder) const
{
    const bool mayWrite =
        std::ranges::any_of(m_granted, [](const Settings &granted) { return granted.sandbox.mode != Mode::ReadOnly; });
    const QString real = QFileInfo(folder).canonicalFilePath();
    if (isUnbounded() || (mayWrite && isBelowAny(real, m_writable)))
        return {};
    return fail(Error::Kind::Denied,
                u"%1 is not a folder that the command line lets the script write: %2"_s.arg(folder, QString(wayOut)));
}

} // namespace nightshift::batch
