#include "jsonreader.h"
#include <cmath>
#include <cstdlib>

namespace nightshift {

qint64 JsonView::toInteger(qint64 otherwise) const
{
    if (yyjson_is_int(m_value))
        return yyjson_get_sint(m_value);
    if (!yyjson_is_real(m_value))
        return otherwise;
    const double real = yyjson_get_real(m_value);
    const bool whole = std::trunc(real) == real && std::abs(real) < 9e15; // 2^53: beyond it doubles skip numbers
    return whole ? qint64(real) : otherwise;
}

RawJson JsonView::raw() const
{
    size_t length = 0;
    char *text = m_value ? yyjson_val_write(m_value, YYJSON_WRITE_NOFLAG, &length) : nullptr;
    if (!text)
        return json::null();
    RawJson written{QByteArray(text, qsizetype(length))};
    std::free(text);
    return written;
}

std::vector<JsonView> JsonView::items() const
{
    std::vector<JsonView> items;
    size_t index, max;
    yyjson_val *value;
    yyjson_arr_foreach(m_value, index, max, value) items.emplace_back(value);
    return items;
}

std::vector<std::pair<QString, JsonView>> JsonView::members() const
{
    std::vector<std::pair<QString, JsonView>> members;
    if (!isObject()) // the macro steps over a name even where there is none
        return members;
    size_t index, max;
    yyjson_val *key, *value;
    yyjson_obj_foreach(m_value, index, max, key, value) members.emplace_back(JsonView(key).toString(), JsonView(value));
    return members;
}

Result<JsonDocument> JsonDocument::parse(QByteArrayView text)
{
    yyjson_read_err error;
    // yyjson does not write to the text without YYJSON_READ_INSITU; its signature lacks the const.
    char *bytes = const_cast<char *>(text.data());
    if (yyjson_doc *doc = yyjson_read_opts(bytes, size_t(text.size()), YYJSON_READ_NOFLAG, nullptr, &error))
        return JsonDocument(doc);
    if (text.isEmpty())
        return fail(Error::Kind::Invalid, QStringLiteral("line 1, column 1: the text is empty"));
    const QByteArrayView before = text.first(qMin(qsizetype(error.pos), text.size()));
    const qsizetype line = 1 + before.count('\n');
    const qsizetype column = before.size() - before.lastIndexOf('\n');
    return fail(Error::Kind::Invalid,
                QStringLiteral("line %1, column %2: %3").arg(line).arg(column).arg(QString::fromUtf8(error.msg)));
}

RawJson compact(const RawJson &value)
{
    const auto read = JsonDocument::parse(value.text);
    return read ? read->root().raw() : json::null();
}

} // namespace nightshift
