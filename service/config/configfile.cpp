#include "configfile.h"
#include <QFile>

// Header only: one shared library fewer to load at every start is worth the compile time of this one file.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.hpp>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

QString toQString(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

Value toValue(const toml::node &node);

Value toTable(const toml::table &table)
{
    // toml++ sorts by name; the order of the lines is what a person wrote.
    std::vector<std::pair<const toml::key *, const toml::node *>> members;
    for (const auto &[key, node] : table)
        members.emplace_back(&key, &node);
    std::ranges::stable_sort(members, {}, [](const auto &member) {
        const toml::source_position at = member.first->source().begin;
        return std::pair(at.line, at.column);
    });
    Value::Table written;
    for (const auto &[key, node] : members)
        written.emplace_back(toQString(key->str()), toValue(*node));
    return {std::move(written)};
}

Value toList(const toml::array &array)
{
    Value::List values;
    for (const toml::node &node : array)
        values.push_back(toValue(node));
    return {std::move(values)};
}

Value toValue(const toml::node &node)
{
    if (const auto *table = node.as_table())
        return toTable(*table);
    if (const auto *array = node.as_array())
        return toList(*array);
    if (const auto *text = node.as_string())
        return {toQString(text->get())};
    if (const auto *integer = node.as_integer())
        return {qint64(integer->get())};
    if (const auto *number = node.as_floating_point())
        return {number->get()};
    if (const auto *boolean = node.as_boolean())
        return {boolean->get()};
    return {QString()};
}

void flattenTable(QStringList &path, const toml::table &table, Origin origin, std::vector<Entry> &into)
{
    for (const auto &[key, node] : table) {
        path += toQString(key.str());
        const toml::table *inner = node.as_table();
        if (inner && !inner->empty()) {
            flattenTable(path, *inner, origin, into);
        } else {
            origin.line = int(key.source().begin.line);
            into.push_back({path, toValue(node), origin});
        }
        path.removeLast();
    }
}

std::string_view view(QByteArrayView bytes)
{
    return {bytes.data() ? bytes.data() : "", size_t(bytes.size())};
}

} // namespace

Result<std::vector<Entry>> parseToml(QByteArrayView text, const Origin &origin)
{
    const toml::parse_result parsed = toml::parse(view(text));
    if (!parsed) {
        const toml::source_position at = parsed.error().source().begin;
        const QString place = u"%1:%2:%3"_s.arg(origin.source).arg(at.line).arg(at.column);
        return failAt(place, Error{Error::Kind::Invalid, toQString(parsed.error().description())});
    }
    std::vector<Entry> entries;
    QStringList path;
    flattenTable(path, parsed.table(), origin, entries);
    std::ranges::stable_sort(entries, {}, [](const Entry &entry) { return entry.origin.line; });
    return entries;
}

Result<std::vector<Entry>> readConfigFile(const QString &path, LayerKind layer)
{
    QFile file(path);
    if (!file.exists())
        return {};
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::Kind::Denied, u"%1: cannot be read: %2"_s.arg(path, file.errorString()));
    return parseToml(file.readAll(), {layer, path});
}

std::optional<Value> parseTomlValue(QStringView text)
{
    const QByteArray line = "v = " + text.toUtf8();
    const toml::parse_result parsed = toml::parse(view(line));
    if (!parsed || parsed.table().size() != 1) // a line end in the text would start further settings
        return {};
    const toml::node &node = *parsed.table().get("v");
    if (node.is_date() || node.is_time() || node.is_date_time())
        return {};
    return toValue(node);
}

} // namespace nightshift::config
