#pragma once
#include <QByteArray>
#include <vector>

namespace nightshift::http {

struct Header
{
    QByteArray name; ///< Lower case in requests; as it is to be written in answers.
    QByteArray value;
    bool operator==(const Header &) const = default;
};

/// Header fields in their order. Source: RFC 9110, section 5.
struct Headers
{
    std::vector<Header> fields;
    bool operator==(const Headers &) const = default;

    void add(QByteArray name, QByteArray value) { fields.push_back({std::move(name), std::move(value)}); }

    qsizetype count(QByteArrayView name) const
    {
        qsizetype found = 0;
        for (const Header &field : fields)
            found += field.name.compare(name, Qt::CaseInsensitive) == 0;
        return found;
    }
    bool contains(QByteArrayView name) const { return count(name) > 0; }

    /// The first field's value, or empty.
    QByteArray value(QByteArrayView name) const
    {
        for (const Header &field : fields) {
            if (field.name.compare(name, Qt::CaseInsensitive) == 0)
                return field.value;
        }
        return {};
    }

    /// The values of all fields of that name as one list. Source: RFC 9110, section 5.3.
    QByteArray list(QByteArrayView name) const
    {
        QByteArray joined;
        for (const Header &field : fields) {
            if (field.name.compare(name, Qt::CaseInsensitive) == 0)
                joined += joined.isEmpty() ? field.value : ',' + field.value;
        }
        return joined;
    }
};

} // namespace nightshift::http
