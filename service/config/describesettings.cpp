#include "describesettings.h"
#include "base/credentials.h"
#include "config/settingkeys.h"

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

struct Line
{
    QString setting;
    QString origin;
};

QLatin1StringView layerName(LayerKind layer)
{
    static constexpr QLatin1StringView names[]{"default"_L1,  "system"_L1,  "user"_L1,
                                               "profile"_L1,  "project"_L1, "environment"_L1,
                                               "override"_L1, "managed"_L1, "flag"_L1};
    return names[int(layer)];
}

/// A list that may hold anything (hooks, skills) can hold nothing secret; what a row calls secret is masked.
Line lineOf(const Entry &entry, const SettingKey &key)
{
    const QString source = entry.origin.text();
    return {entry.key() + u" = "_s + (key.secret ? u"\"********\""_s : withoutUrlSecrets(entry.value.toml())),
            layerName(entry.origin.layer) + (source.isEmpty() ? QString() : u" ("_s + source + u')')};
}

std::vector<Line> linesOf(const LoadedSettings &loaded)
{
    std::vector<Line> lines;
    for (const SettingKey &key : settingKeys()) { // the order of the reference page
        bool written = false;
        for (const Entry &entry : loaded.values) {
            if (matchKey(entry.path).key != &key)
                continue;
            lines.push_back(lineOf(entry, key));
            written = true;
        }
        if (!written && !key.byDefault.isEmpty() && !QStringView(QString(key.key)).contains(u'*'))
            lines.push_back({key.key + u" = "_s + key.byDefault, u"default"_s});
    }
    return lines;
}

QString typeText(const SettingKey &key)
{
    static constexpr QLatin1StringView names[]{"boolean"_L1, "integer"_L1,         "number"_L1,       "string"_L1,
                                               "path"_L1,    "list of strings"_L1, "list of paths"_L1};
    switch (key.type) {
    case KeyType::Choice:
        return u'`' + QString(key.choices).replace(u"|"_s, u"`, `"_s) + u'`';
    case KeyType::Milliseconds:
        return u"milliseconds"_s;
    case KeyType::Duration:
        return u"duration"_s;
    case KeyType::Any:
        return u"table"_s;
    default:
        return names[int(key.type)];
    }
}

} // namespace

QString describeSettings(const LoadedSettings &loaded)
{
    const std::vector<Line> lines = linesOf(loaded);
    qsizetype width = 0;
    for (const Line &line : lines)
        width = std::max(width, std::min<qsizetype>(line.setting.size(), 60)); // longer ones stand out, alone
    QString text;
    for (const Line &line : lines)
        text += line.setting.leftJustified(width) + u"  # "_s + line.origin + u'\n';
    return text;
}

QString describeKeys()
{
    QString text = u"| key | type | default | meaning |\n| --- | --- | --- | --- |\n"_s;
    for (const SettingKey &key : settingKeys()) {
        const QString byDefault = key.byDefault.isEmpty() ? QString() : u'`' + QString(key.byDefault) + u'`';
        text += u"| `%1` | %2 | %3 | %4 |\n"_s.arg(key.key, typeText(key), byDefault, key.help);
    }
    return text;
}

} // namespace nightshift::config
