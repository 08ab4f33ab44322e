#include "hooksfile.h"
#include "base/boundedfile.h"
#include "base/jsonreader.h"
#include "config/sightings.h"

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
    const auto text = readBounded(path, fileuse::settings);
    if (!text && text.error().kind == Error::Kind::NotFound)
        return entries;
    if (!text)
        return failAt(path + u" cannot be read"_s, text.error());
    const auto document = JsonDocument::parse(*text);
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
