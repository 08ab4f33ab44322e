#pragma once
#include "http/paging.h"
#include "http/route.h"
#include <functional>

namespace nightshift::api {

/// The page of `all` that is asked for. `positionOf` names an element in the cursor of the list `of`, and `comesAfter`
/// says whether a position lies behind the one that the page before ended at. What `show` has nothing for is left out.
template <typename Range, typename Position, typename Order, typename Show>
http::Answer pageOf(const http::Request &request, QByteArrayView of, const Range &all, Position positionOf,
                    Order comesAfter, Show show)
{
    const auto wanted = http::readPageRequest(request.query, of);
    if (!wanted)
        return wanted.error();
    std::vector<RawJson> data;
    QByteArray last;
    for (const auto &each : all) {
        const QByteArray position = positionOf(each);
        if (!wanted->after.isEmpty() && !comesAfter(position, wanted->after))
            continue;
        const std::optional<RawJson> object = show(each);
        if (!object)
            continue;
        if (qsizetype(data.size()) == wanted->limit)
            return http::jsonResponse(200, http::page(data, http::cursor(of, last)));
        data.push_back(*object);
        last = position;
    }
    return http::jsonResponse(200, http::page(data, {}));
}

/// Of a list of ids, the newest first.
template <typename Show>
http::Answer pageOfNewest(const http::Request &request, QByteArrayView of, const auto &ids, Show show)
{
    return pageOf(request, of, ids, [](const QString &id) { return id.toLatin1(); }, std::less<QByteArray>(), show);
}

/// Of a list that only grows at its end.
template <typename T, typename Show>
http::Answer pageOfGrowing(const http::Request &request, QByteArrayView of, const std::vector<T> &all, Show show)
{
    return pageOf(
        request, of, all, [&all](const T &each) { return QByteArray::number(&each - all.data()); },
        [](const QByteArray &position, const QByteArray &after) { return position.toLongLong() > after.toLongLong(); },
        show);
}

} // namespace nightshift::api
