#pragma once
#include <QStringList>
#include <variant>
#include <vector>

namespace nightshift::config {

/// One setting as it was written. Dates and times are strings here: no setting is one.
struct Value
{
    struct Member;
    using List = std::vector<Value>;
    using Table = std::vector<Member>; ///< In written order.

    std::variant<bool, qint64, double, QString, List, Table> data;

    const bool *boolean() const { return std::get_if<bool>(&data); }
    const qint64 *integer() const { return std::get_if<qint64>(&data); }
    const QString *string() const { return std::get_if<QString>(&data); }
    const List *list() const { return std::get_if<List>(&data); }
    const Table *table() const { return std::get_if<Table>(&data); }
    /// A member of a table by name; null when this is no table or has none.
    const Value *member(QStringView name) const;
    /// The strings of a list; whatever else stands in it is left out.
    QStringList strings() const;
    /// As TOML, on one line.
    QString toml() const;
    /// "a string", "a table": for error messages.
    QLatin1StringView typeName() const;

    bool operator==(const Value &) const = default;
};

struct Value::Member
{
    QString name;
    Value value;
    bool operator==(const Member &) const = default;
};

/// The layers, later ones beat earlier ones.
enum class LayerKind { Default, System, User, Profile, Project, Environment, Override, Managed, Flag };

/// Where a value was written.
struct Origin
{
    LayerKind layer = LayerKind::Default;
    QString source; ///< The file, the variable or the flag; empty for a default.
    int line = 0;   ///< From 1; 0 where there are no lines.
    bool operator==(const Origin &) const = default;

    /// "/home/u/.codex/config.toml:3", "OPENAI_BASE_URL", "-c".
    QString text() const;
};

/// One leaf of a layer: everything that is not a non-empty table.
struct Entry
{
    QStringList path;
    Value value;
    Origin origin;
    QString base; ///< The folder that relative paths start from where `origin` is no file.
    bool operator==(const Entry &) const = default;

    /// Dotted, segments quoted where TOML asks for it: `projects."/a/b".trust_level`.
    QString key() const;
};

QString dottedKey(const QStringList &path);

/// A table's leaves, in written order.
void flatten(QStringList path, const Value &value, const Origin &origin, std::vector<Entry> &into);

/// Later entries take the place of those at the same path, below it and above it.
void overlay(std::vector<Entry> &below, Entry entry);

/// The entry at exactly this path, or null.
const Entry *find(const std::vector<Entry> &entries, const QStringList &path);

} // namespace nightshift::config
