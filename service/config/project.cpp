#include "project.h"
#include "config/configfile.h"
#include "config/sightings.h"
#include <QDir>
#include <QFileInfo>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

QString parentOf(const QString &folder)
{
    return folder == u"/"_s ? QString() : QFileInfo(folder).path();
}

/// How loose a value is among a row's choices, which stand from strict to loose.
qsizetype looseness(const SettingKey &key, const Value &value)
{
    const QString text = value.string() ? *value.string() : QString();
    qsizetype place = 0;
    for (const QLatin1StringView choice : key.choices.tokenize('|'_L1)) {
        if (choice == text)
            return place;
        ++place;
    }
    return place;
}

bool holdsAll(const QStringList &whole, const QStringList &part)
{
    return std::ranges::all_of(part, [&](const QString &item) { return whole.contains(item); });
}

qint64 bound(const Value &value)
{
    if (value.string())
        return parseDuration(*value.string()).value_or(std::chrono::milliseconds::max()).count();
    return value.integer() ? *value.integer() : 0;
}

/// A limit of 0 or in other units than the one in force cannot be compared; durations as seconds or text can.
bool isLower(const SettingKey &key, const Value &before, const Value &after)
{
    const auto inUnits = [&](const Value &value) {
        return key.type == KeyType::Duration && value.integer() ? bound(value) * 1000 : bound(value);
    };
    return inUnits(after) <= inUnits(before);
}

} // namespace

QString projectRoot(const QString &cwd, const QStringList &markers)
{
    for (QString folder = cwd; !folder.isEmpty(); folder = parentOf(folder)) {
        for (const QString &marker : markers) {
            noteSight(QDir(folder).filePath(marker));
            if (QFileInfo::exists(QDir(folder).filePath(marker)))
                return folder;
        }
    }
    return cwd;
}

bool isTrusted(const std::vector<Entry> &entries, const QString &cwd, const QString &root)
{
    for (const QString &folder : {cwd, root}) {
        if (const Entry *entry = find(entries, {u"projects"_s, folder, u"trust_level"_s}))
            return entry->value == Value{u"trusted"_s};
    }
    return false;
}

QStringList projectFiles(const QString &cwd, const QString &root)
{
    QStringList files;
    for (QString folder = cwd; !folder.isEmpty(); folder = folder == root ? QString() : parentOf(folder)) {
        for (const QString &name : {u".nightshift/config.toml"_s, u".codex/config.toml"_s}) {
            const QString path = QDir(folder).filePath(name);
            const QString hooks = QFileInfo(path).path() + u"/hooks.json"_s;
            noteSight(path);
            noteSight(hooks);
            if (QFileInfo::exists(path) || QFileInfo::exists(hooks))
                files.prepend(path);
        }
    }
    return files;
}

bool mayProjectSet(const SettingKey &key, const Value *before, const Value &after)
{
    std::optional<Value> byDefault;
    if (!before && !key.byDefault.isEmpty()) {
        byDefault = parseTomlValue(QString(key.byDefault));
        before = byDefault ? &*byDefault : nullptr;
    }
    const QStringList had = before ? before->strings() : QStringList();
    switch (key.inProject) {
    case InProject::Free:
    case InProject::Named:
        return true;
    case InProject::Never:
        return false;
    case InProject::Stricter:
        return before && looseness(key, after) <= looseness(key, *before);
    case InProject::OnlyTrue:
        return after == Value{true} || (before && after == *before);
    case InProject::OnlyFalse:
        return after == Value{false} || (before && after == *before);
    case InProject::MayGrow:
        return holdsAll(after.strings(), had);
    case InProject::MayShrink:
        return holdsAll(had, after.strings());
    case InProject::MayNarrow:
        return had.isEmpty() || (!after.strings().isEmpty() && holdsAll(had, after.strings()));
    case InProject::MayLower:
        return !before || isLower(key, *before, after);
    }
    Q_UNREACHABLE_RETURN(false);
}

} // namespace nightshift::config
