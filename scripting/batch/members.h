#pragma once
#include "base/jsonreader.h"
#include <QStringList>
#include <chrono>
#include <cmath>

namespace nightshift::batch {

struct Limits;

/// Reads members one by one; the first that has the wrong type is the error.
class Members
{
public:
    Members(JsonView object, QString pointer)
        : m_object(object)
        , m_pointer(std::move(pointer))
    {
        if (!object.isObject())
            wrong(m_pointer, QStringLiteral("an object"));
    }

    void take(const char *name, QString &target)
    {
        if (const JsonView value = member(name); value.isString())
            target = value.toString();
        else if (isGiven(value))
            wrong(name, QStringLiteral("a text"));
    }

    void take(const char *name, QStringList &target)
    {
        const JsonView value = member(name);
        if (isGiven(value) && !value.isArray())
            return wrong(name, QStringLiteral("a list of texts"));
        for (const JsonView item : value.items()) {
            if (!item.isString())
                return wrong(name, QStringLiteral("a list of texts"));
            target += item.toString();
        }
    }

    void take(const char *name, std::optional<qint64> &target)
    {
        const auto number = positive(name);
        if (number && *number != std::floor(*number))
            wrong(name, QStringLiteral("a whole number above 0"));
        else if (number)
            target = qint64(*number);
    }

    void take(const char *name, std::optional<double> &target)
    {
        if (const auto number = positive(name))
            target = *number;
    }

    void take(const char *name, std::optional<std::chrono::milliseconds> &target)
    {
        if (const auto seconds = positive(name))
            target = std::chrono::milliseconds(std::llround(*seconds * 1000));
    }

    JsonView member(const char *name)
    {
        m_known.push_back(QString::fromLatin1(name));
        return m_object[name];
    }

    static bool isGiven(JsonView value) { return value.exists() && !value.isNull(); }

    QString at(const QString &name) const { return m_pointer + u'/' + name; }

    void wrong(const QString &pointer, const QString &expected)
    {
        if (!m_error)
            m_error = Error{
                Error::Kind::Invalid,
                QStringLiteral("%1: expected %2").arg(pointer.isEmpty() ? QStringLiteral("/") : pointer, expected)};
    }
    void wrong(const char *name, const QString &expected) { wrong(at(QString::fromLatin1(name)), expected); }
    void keep(const Error &error) { m_error = m_error ? m_error : error; }

    /// The first error; a member that nobody asked for is one.
    std::optional<Error> error()
    {
        for (const auto &[name, value] : m_object.members()) {
            if (!m_known.contains(name) && !m_error)
                m_error = Error{Error::Kind::Invalid, QStringLiteral("%1: no such option; expected one of %2")
                                                          .arg(at(name), m_known.join(QLatin1StringView(", ")))};
        }
        return m_error;
    }

private:
    std::optional<double> positive(const char *name)
    {
        const JsonView value = member(name);
        if (!isGiven(value))
            return {};
        if (value.isNumber() && value.toDouble() > 0)
            return value.toDouble();
        wrong(name, QStringLiteral("a number above 0"));
        return {};
    }

    JsonView m_object;
    QString m_pointer;
    QStringList m_known;
    std::optional<Error> m_error;
};

void takeMembers(Members &members, Limits &limits);

} // namespace nightshift::batch
