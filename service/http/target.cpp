#include "target.h"
#include <QByteArrayList>

using namespace Qt::StringLiterals;

namespace nightshift::http {

std::optional<QByteArray> Query::value(QByteArrayView name) const
{
    for (const auto &[key, value] : parameters) {
        if (key == name)
            return value;
    }
    return {};
}

static int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = char(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<QByteArray> percentDecoded(QByteArrayView text)
{
    QByteArray decoded;
    decoded.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size() || hexDigit(text[i + 1]) < 0 || hexDigit(text[i + 2]) < 0)
            return {};
        const char byte = char(hexDigit(text[i + 1]) << 4 | hexDigit(text[i + 2]));
        if (byte == '\0')
            return {};
        decoded += byte;
        i += 2;
    }
    return decoded;
}

Judged<Query> readQuery(QByteArrayView text)
{
    Query query;
    if (text.isEmpty())
        return query;
    for (const QByteArray &pair : text.toByteArray().replace('+', ' ').split('&')) {
        const qsizetype equals = pair.indexOf('=');
        const auto key = percentDecoded(equals < 0 ? pair : pair.first(equals));
        const auto value = percentDecoded(equals < 0 ? QByteArray() : pair.sliced(equals + 1));
        if (!key || !value)
            return std::unexpected(Problem{ProblemCode::InvalidParameter, u"the query is not percent-encoded"_s});
        if (!key->isEmpty())
            query.parameters.emplace_back(*key, *value);
    }
    return query;
}

Judged<std::vector<QByteArray>> readPath(QByteArrayView path)
{
    std::vector<QByteArray> segments;
    for (const QByteArray &encoded : path.sliced(1).toByteArray().split('/')) {
        const auto segment = percentDecoded(encoded);
        if (!segment || segment->contains('/') || *segment == "." || *segment == "..")
            return std::unexpected(
                Problem{ProblemCode::MalformedRequest, u"the path holds %1"_s.arg(QLatin1StringView(encoded))});
        segments.push_back(*segment);
    }
    return segments;
}

} // namespace nightshift::http
