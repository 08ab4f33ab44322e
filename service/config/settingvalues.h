#pragma once
#include "config/draft.h"
#include <initializer_list>
#include <type_traits>

/// What settings are set from: values that were checked, so that each has the type its key names.
namespace nightshift::config::keys {

QString text(const Entry &e);
bool flag(const Entry &e);
qint64 number(const Entry &e);
std::chrono::milliseconds milliseconds(const Entry &e);
/// A duration's text, or whole seconds.
std::chrono::milliseconds duration(const Entry &e);
std::chrono::seconds seconds(const Entry &e);
std::chrono::milliseconds fromSeconds(const Entry &e);
/// Absolute: files name paths relative to where they stand, everything else relative to the working folder.
QString path(const Entry &e, const QString &written);
QStringList paths(const Entry &e);
/// Strings, or tables with a `name`.
QStringList names(const Entry &e);
/// A member of a table, where it is a text.
QString memberText(const Value &table, QStringView name);

template <typename T>
void set(std::vector<std::pair<QString, T>> &pairs, const Entry &e)
{
    if constexpr (std::is_same_v<T, bool>)
        pairs.emplace_back(e.path.last(), flag(e));
    else
        pairs.emplace_back(e.path.last(), text(e));
}

/// The choice's place in the row's list, as an enumerator whose values stand in `order`.
template <typename Enum>
Enum chosen(const Entry &e, std::initializer_list<std::pair<QLatin1StringView, std::type_identity_t<Enum>>> order)
{
    for (const auto &[name, value] : order) {
        if (text(e) == name)
            return value;
    }
    return order.begin()->second;
}

} // namespace nightshift::config::keys
