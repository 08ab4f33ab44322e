#pragma once
#include "http/target.h"

namespace nightshift::http {

/// Which part of a list is wanted.
struct PageRequest
{
    qsizetype limit = 50;
    QByteArray after; ///< The position the last page ended at; empty for the beginning.
    bool operator==(const PageRequest &) const = default;
};

/// `position` as the opaque text that clients give back; good for the list `of` only.
QByteArray cursor(QByteArrayView of, QByteArrayView position);

/// `limit=1..500` and `after=CURSOR`, for the list `of`.
Judged<PageRequest> readPageRequest(const Query &query, QByteArrayView of);

/// `{"data":[…],"next":…}`; `next` is null on the last page.
RawJson page(const std::vector<RawJson> &data, const std::optional<QByteArray> &next);

} // namespace nightshift::http
