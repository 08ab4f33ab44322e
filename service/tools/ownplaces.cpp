#include "tools/ownplaces.h"
#include "tools/runninghomes.h"
#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <pwd.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

/// From us to the batches that a service starts; one path a line.
constexpr const char *listVariable = "NIGHTSHIFT_PRIVATE_PATHS";

bool isInside(const QString &path, const QString &folder)
{
    return path == folder || folder == "/"_L1 || path.startsWith(folder + u'/');
}

/// The path without links, also of what does not exist yet. Empty for a relative path.
QString withoutLinks(const QString &path)
{
    if (!path.startsWith(u'/'))
        return {};
    QString at = QDir::cleanPath(path), rest;
    while (true) {
        const QString canonical = QFileInfo(at).canonicalFilePath();
        if (!canonical.isEmpty())
            return (canonical == "/"_L1 && !rest.isEmpty() ? QString() : canonical) + rest;
        rest.prepend(u'/' + at.section(u'/', -1));
        at = at.section(u'/', 0, -2);
        if (at.isEmpty())
            at = u"/"_s;
    }
}

QString accountHome()
{
    const passwd *account = getpwuid(geteuid());
    return account ? QString::fromLocal8Bit(account->pw_dir) : QString();
}

/// What lies in a folder of ours and is nobody's business. Source: store, isolation, http, config; the reference's
/// names as well.
bool isPrivateName(const QString &name)
{
    static const QStringList names{u"auth.json"_s,          u"tokens.json"_s, u"config.toml"_s, u".credentials.json"_s,
                                   u"sessions"_s,           u"artifacts"_s,   u"imports"_s,     u"archived_sessions"_s,
                                   u"isolation"_s,          u"serve"_s,       u"batches"_s,     u"governor"_s,
                                   u".coordination.lock"_s, u"log"_s,         u"http.sock"_s,   u"token"_s};
    return names.contains(name) || name.endsWith(".config.toml"_L1) || name.endsWith(".jsonl"_L1) ||
           name.contains(".sqlite"_L1);
}

/// The part of a folder of ours that a command needs when it needs `path`; empty when it may not have it.
QString neededPart(const QString &folder, const QString &path)
{
    if (path == folder || !isInside(path, folder))
        return {};
    const QString first = path.sliced(folder.size() + 1).section(u'/', 0, 0);
    return isPrivateName(first) ? QString() : folder + u'/' + first;
}

/// Whether a session works there: in a project that lies in our folder, or in its isolated tree,
/// isolation/ID/KIND/NAME.
bool isWorkplace(const QString &folder, const QString &path)
{
    if (path == folder || !isInside(path, folder))
        return false;
    const QStringList parts = path.sliced(folder.size() + 1).split(u'/');
    return !isPrivateName(parts[0]) || (parts[0] == "isolation"_L1 && parts.size() > 2);
}

/// What the model is told of and reads with commands, and programs that were installed there.
const QStringList readable{u"skills"_s, u"prompts"_s,  u"AGENTS.md"_s, u"AGENTS.override.md"_s,
                           u"bin"_s,    u"packages"_s, u"plugins"_s};

} // namespace

QStringList ownFolders(const Variable &variable, const QString &cwd)
{
    QStringList folders;
    for (const char *name : {"NIGHTSHIFT_HOME", "CODEX_HOME"}) {
        if (const QString home = variable(name); !home.isEmpty())
            folders += QDir(cwd).absoluteFilePath(home);
    }
    const auto add = [&folders](const QString &base, QLatin1StringView below) {
        if (base.startsWith(u'/'))
            folders += base + below;
    };
    for (const char *name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"})
        add(variable(name), "/nightshift"_L1);
    for (const auto below : {"/.config/nightshift"_L1, "/.local/state/nightshift"_L1, "/.codex"_L1})
        add(variable("HOME"), below);
    return folders;
}

OwnPlaces divide(const QStringList &folders, const QStringList &workplaces, const QStringList &needed)
{
    QStringList wide{u"/"_s, u"/tmp"_s, withoutLinks(QDir::homePath()), withoutLinks(accountHome())};
    wide.removeAll(QString());
    OwnPlaces places;
    QStringList shown, lost; // lost: roots of the policy that are none of a command's business
    for (const QString &named : folders) {
        const QString folder = withoutLinks(named);
        if (folder.isEmpty() || places.hidden.contains(folder))
            continue;
        const bool isShared = workplaces.contains(folder) ||
                              std::ranges::any_of(wide, [&](const QString &other) { return isInside(other, folder); });
        if (isShared) {
            const QDir dir(folder);
            for (const QString &name :
                 dir.entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot)) {
                if (isPrivateName(name))
                    places.hidden += withoutLinks(dir.filePath(name));
            }
        } else {
            places.hidden += folder;
            for (const QString &name : readable)
                shown += folder + u'/' + name;
        }
        for (const QString &path : workplaces) {
            if (isWorkplace(folder, path))
                shown += path;
            else if (path != folder && isInside(path, folder))
                lost += path;
        }
        for (const QString &path : needed)
            shown += neededPart(folder, path);
    }
    for (const QString &path : std::as_const(shown)) {
        // A link that leads into what is hidden shows nothing of it.
        const QString target = QFileInfo(path).canonicalFilePath();
        const bool isElsewhere = target != path && std::ranges::any_of(places.hidden, [&](const QString &hidden) {
                                     return isInside(target, hidden);
                                 });
        if (!target.isEmpty() && !isElsewhere && !places.shown.contains(path))
            places.shown += path;
    }
    const auto isRedundant = [all = places](const QString &path) {
        return std::ranges::any_of(all.hidden, [&](const QString &other) {
            return other != path && isInside(path, other) &&
                   std::ranges::none_of(all.shown, [&](const QString &between) {
                       return isInside(path, between) && isInside(between, other);
                   });
        });
    };
    places.hidden.removeIf(isRedundant);
    places.hidden += lost;
    places.hidden.removeDuplicates();
    return places;
}

OwnPlaces ownPlaces(const QStringList &workplaces, const QStringList &needed)
{
    const auto ours = [](const char *name) { return qEnvironmentVariable(name); };
    const auto standard = [](const char *name) { return qstrcmp(name, "HOME") == 0 ? accountHome() : QString(); };
    QStringList folders = ownFolders(ours, QDir::currentPath()) + ownFolders(standard, u"/"_s) + runningHomes();
    folders += u"/run/user/%1/nightshift"_s.arg(geteuid());
    folders += qEnvironmentVariable(listVariable).split(u'\n', Qt::SkipEmptyParts);
    return divide(folders, workplaces, needed);
}

QStringList neededParts(const QStringList &hidden, const QStringList &words)
{
    QStringList parts;
    for (const QString &word : words) {
        const QString path = withoutLinks(word);
        for (const QString &folder : hidden) {
            const QString part = path.isEmpty() ? QString() : neededPart(folder, path);
            if (!part.isEmpty() && !parts.contains(part) && QFileInfo(part).canonicalFilePath() == part)
                parts += part;
        }
    }
    return parts;
}

void alsoHide(const QStringList &paths)
{
    QStringList all = qEnvironmentVariable(listVariable).split(u'\n', Qt::SkipEmptyParts);
    for (const QString &path : paths) {
        const QString real = withoutLinks(path);
        if (!real.isEmpty() && !all.contains(real))
            all += real;
    }
    qputenv(listVariable, all.join(u'\n').toLocal8Bit());
}

} // namespace nightshift::tools
