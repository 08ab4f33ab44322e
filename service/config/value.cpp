#include "value.h"
#include "base/rawjson.h"
#include "base/result.h"
#include <QLocale>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

bool isBareKey(QStringView segment)
{
    return !segment.isEmpty() && std::ranges::all_of(segment, [](QChar c) {
        return c < u'\x80' && (c.isLetterOrNumber() || c == u'_' || c == u'-');
    });
}

/// JSON's string syntax is a subset of TOML's basic strings.
QString quoted(QStringView text)
{
    return QString::fromUtf8(json::string(text).text);
}

bool startsWith(const QStringList &path, const QStringList &prefix)
{
    return path.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

} // namespace

const Value *Value::member(QStringView name) const
{
    if (!table())
        return nullptr;
    const auto at = std::ranges::find(*table(), name, &Member::name);
    return at == table()->end() ? nullptr : &at->value;
}

QStringList Value::strings() const
{
    QStringList strings;
    if (list()) {
        for (const Value &item : *list()) {
            if (item.string())
                strings += *item.string();
        }
    }
    return strings;
}

QString Value::toml() const
{
    return std::visit(Overloaded{
                          [](bool value) { return value ? u"true"_s : u"false"_s; },
                          [](qint64 value) { return QString::number(value); },
                          [](double value) { return QString::number(value, 'g', QLocale::FloatingPointShortest); },
                          [](const QString &value) { return quoted(value); },
                          [](const List &values) {
                              QStringList texts;
                              for (const Value &value : values)
                                  texts += value.toml();
                              return u'[' + texts.join(u", "_s) + u']';
                          },
                          [](const Table &members) {
                              QStringList texts;
                              for (const auto &[name, value] : members)
                                  texts += dottedKey({name}) + u" = "_s + value.toml();
                              return texts.isEmpty() ? u"{}"_s : u"{ "_s + texts.join(u", "_s) + u" }"_s;
                          },
                      },
                      data);
}

QLatin1StringView Value::typeName() const
{
    static constexpr QLatin1StringView names[]{"a boolean"_L1, "an integer"_L1, "a number"_L1,
                                               "a string"_L1,  "a list"_L1,     "a table"_L1};
    return names[data.index()];
}

QString Origin::text() const
{
    return line ? source + u':' + QString::number(line) : source;
}

QString Entry::key() const
{
    return dottedKey(path);
}

QString dottedKey(const QStringList &path)
{
    QStringList segments;
    for (const QString &segment : path)
        segments += isBareKey(segment) ? segment : quoted(segment);
    return segments.join(u'.');
}

void flatten(QStringList path, const Value &value, const Origin &origin, std::vector<Entry> &into)
{
    if (!value.table() || (value.table()->empty() && !path.isEmpty())) {
        into.push_back({std::move(path), value, origin});
        return;
    }
    for (const auto &[name, member] : *value.table())
        flatten(path + QStringList{name}, member, origin, into);
}

void overlay(std::vector<Entry> &below, Entry entry)
{
    const auto emptyTable = [](const Entry &e) { return e.value.table() != nullptr; };
    if (emptyTable(entry) &&
        std::ranges::any_of(below, [&](const Entry &old) { return startsWith(old.path, entry.path); }))
        return; // an empty table adds nothing to what is there
    std::erase_if(
        below, [&](const Entry &old) { return startsWith(old.path, entry.path) || startsWith(entry.path, old.path); });
    below.push_back(std::move(entry));
}

const Entry *find(const std::vector<Entry> &entries, const QStringList &path)
{
    const auto at = std::ranges::find(entries, path, &Entry::path);
    return at == entries.end() ? nullptr : &*at;
}

} // namespace nightshift::config
