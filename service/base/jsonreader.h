#pragma once
#include "base/rawjson.h"
#include "base/result.h"
#include <memory>
#include <yyjson.h>

namespace nightshift {

/// One value inside a JsonDocument, with QJsonValue's forgiving manners: a missing key, a wrong type
/// or an index out of range is just an absent value. Valid while its document lives.
class JsonView
{
public:
    JsonView() = default;
    explicit JsonView(yyjson_val *value)
        : m_value(value)
    {}

    bool exists() const { return m_value; }
    bool isObject() const { return yyjson_is_obj(m_value); }
    bool isArray() const { return yyjson_is_arr(m_value); }
    bool isString() const { return yyjson_is_str(m_value); }
    bool isNumber() const { return yyjson_is_num(m_value); }
    bool isInteger() const { return yyjson_is_int(m_value); }
    bool isBool() const { return yyjson_is_bool(m_value); }
    bool isNull() const { return yyjson_is_null(m_value); }

    JsonView operator[](const char *key) const { return JsonView(yyjson_obj_get(m_value, key)); }
    JsonView operator[](qsizetype index) const { return JsonView(yyjson_arr_get(m_value, size_t(index))); }
    qsizetype size() const { return qsizetype(yyjson_get_len(m_value)); }

    /// The string's UTF-8 without a copy; empty when this is no string.
    QByteArrayView utf8() const { return {yyjson_get_str(m_value), isString() ? size() : 0}; }
    QString toString(const QString &otherwise = {}) const { return isString() ? QString::fromUtf8(utf8()) : otherwise; }
    /// Whole numbers, and reals without a fraction.
    qint64 toInteger(qint64 otherwise = 0) const;
    double toDouble(double otherwise = 0) const { return isNumber() ? yyjson_get_num(m_value) : otherwise; }
    bool toBool(bool otherwise = false) const { return isBool() ? yyjson_get_bool(m_value) : otherwise; }

    /// The value as compact JSON text, members in their order; "null" when absent.
    RawJson raw() const;

    std::vector<JsonView> items() const;
    std::vector<std::pair<QString, JsonView>> members() const;

private:
    yyjson_val *m_value = nullptr;
};

/// A parsed JSON text; owns its values and its copy of the text. Source: RFC 8259.
class JsonDocument
{
public:
    /// The error names line and column: "line 3, column 7: unexpected character".
    static Result<JsonDocument> parse(QByteArrayView text);
    JsonView root() const { return JsonView(yyjson_doc_get_root(m_doc.get())); }

private:
    struct Free
    {
        void operator()(yyjson_doc *doc) const { yyjson_doc_free(doc); }
    };
    explicit JsonDocument(yyjson_doc *doc)
        : m_doc(doc)
    {}
    std::unique_ptr<yyjson_doc, Free> m_doc;
};

/// The value as reading and writing it makes it: what is recorded and read back is the same again. Text that is no
/// JSON becomes null.
RawJson compact(const RawJson &value);

} // namespace nightshift
