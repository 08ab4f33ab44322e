#pragma once
#include <QByteArray>
#include <QString>
#include <initializer_list>
#include <optional>
#include <vector>

namespace nightshift {

/// A finished piece of JSON text. Members keep the order they were written in, which QJsonObject
/// does not do: it sorts keys, and a model answers in the order of its schema's properties.
struct RawJson
{
    QByteArray text;
    bool operator==(const RawJson &) const = default;
};

/// The one place that writes JSON.
namespace json {

RawJson string(QStringView value);
/// Bytes that should be UTF-8; what is not becomes U+FFFD.
RawJson string(QByteArrayView utf8);
inline RawJson number(qint64 value)
{
    return {QByteArray::number(value)};
}
RawJson number(double value);
inline RawJson boolean(bool value)
{
    return {value ? "true" : "false"};
}
inline RawJson null()
{
    return {"null"};
}

/// One `"name": value` pair; an absent optional is left out of the object.
struct Member
{
    Member(const char *name, RawJson value)
        : name(name)
        , value(std::move(value))
    {}
    Member(const char *name, QStringView value)
        : Member(name, string(value))
    {}
    Member(const char *name, const QString &value)
        : Member(name, string(QStringView(value)))
    {}
    Member(const char *name, const char *value)
        : Member(name, string(QByteArrayView(value)))
    {}
    Member(const char *name, const QByteArray &utf8)
        : Member(name, string(QByteArrayView(utf8)))
    {}
    Member(const char *name, qint64 value)
        : Member(name, number(value))
    {}
    Member(const char *name, int value)
        : Member(name, number(qint64(value)))
    {}
    Member(const char *name, double value)
        : Member(name, number(value))
    {}
    Member(const char *name, bool value)
        : Member(name, boolean(value))
    {}
    Member(const char *name, std::nullptr_t)
        : Member(name, null())
    {}
    template <typename T>
    Member(const char *name, const std::optional<T> &maybe)
        : name(name)
    {
        if (maybe)
            value = Member(name, *maybe).value;
    }
    const char *name;
    std::optional<RawJson> value;
};

/// The value, or null where the wire prints absent values: `{"exit_code", orNull(code)}`.
template <typename T>
RawJson orNull(const std::optional<T> &maybe)
{
    return maybe ? *Member("", *maybe).value : null();
}

RawJson object(std::initializer_list<Member> members);
RawJson object(const std::vector<std::pair<QString, RawJson>> &members);
RawJson array(const std::vector<RawJson> &values);
RawJson array(const QStringList &values);

/// The same value without line ends, for formats of one line a value. JSON strings cannot hold a bare line
/// end, so those that are there stand between tokens and a space does as well.
RawJson onOneLine(RawJson value);

} // namespace json
} // namespace nightshift
