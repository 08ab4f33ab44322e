#include "hooksfile.h"
#include "base/jsonreader.h"
#include "config/sightings.h"
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::config {

static Value toValue(JsonView json)
{
    if (json.isObject()) {
        Value::Table table;
        for (const auto &[name, member] : json.members())
            table.push_back({name, toValue(member)});
        return {std::move(table)};
    }
    if (json.isArray()) {
        Value::List list;
        for (const JsonView item : json.items())
            list.push_back(toValue(item));
        return {std::move(list)};
    }
    if (json.isBool())
        return {json.toBool()};
    if (json.isInteger())
        return {json.toInteger()};
    if (json.isNumber())
        return {json.toDouble()};
    return {json.toString()};
}

Result<std::vector<Entry>> readHooksFile(const QString &path, LayerKind layer)
{
    std::vector<Entry> entries;
    noteSight(path);
    QFile file(path);
    if (!file.exists())
        return entries;
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::Kind::Denied, u"%1 cannot be read: %2"_s.arg(path, file.errorString()));
    const auto document = JsonDocument::parse(file.readAll());
    if (!document)
        return failAt(path, document.error());
    const JsonView hooks = document->root()["hooks"];
    if (!hooks.isObject())
        return fail(Error::Kind::Invalid, u"%1: expected an object with the member `hooks`, an object"_s.arg(path));
    for (const auto &[event, groups] : hooks.members())
        entries.push_back({{u"hooks"_s, event}, toValue(groups), {layer, path, 0}, {}});
    return entries;
}

bool isHooks(const Entry &entry)
{
    return entry.path.size() == 2 && entry.path.first() == u"hooks"_s;
}

} // namespace nightshift::config
