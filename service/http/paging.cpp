#include "paging.h"

using namespace Qt::StringLiterals;

namespace nightshift::http {

constexpr auto encoding = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;

QByteArray cursor(QByteArrayView of, QByteArrayView position)
{
    return (of.toByteArray() + ':' + position.toByteArray()).toBase64(encoding);
}

Judged<PageRequest> readPageRequest(const Query &query, QByteArrayView of)
{
    PageRequest request;
    if (const auto limit = query.value("limit")) {
        bool isNumber = false;
        request.limit = limit->toInt(&isNumber);
        if (!isNumber || request.limit < 1 || request.limit > 500)
            return std::unexpected(Problem{ProblemCode::InvalidParameter, u"limit is a number from 1 to 500"_s});
    }
    if (const auto after = query.value("after")) {
        const auto text = QByteArray::fromBase64Encoding(*after, encoding | QByteArray::AbortOnBase64DecodingErrors);
        if (!text || !text.decoded.startsWith(of.toByteArray() + ':'))
            return std::unexpected(Problem{ProblemCode::InvalidParameter, u"after is no cursor of this list"_s});
        request.after = text.decoded.sliced(of.size() + 1);
    }
    return request;
}

RawJson page(const std::vector<RawJson> &data, const std::optional<QByteArray> &next)
{
    return json::object({{"data", json::array(data)}, {"next", json::orNull(next)}});
}

} // namespace nightshift::http
