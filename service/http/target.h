#pragma once
#include "http/requesthead.h"

namespace nightshift::http {

/// The decoded parameters of a target, in their order.
struct Query
{
    std::vector<std::pair<QByteArray, QByteArray>> parameters;
    bool operator==(const Query &) const = default;

    /// The first value of that name; nothing when there is none.
    std::optional<QByteArray> value(QByteArrayView name) const;
};

/// Percent-decoding; nothing for a percent sign without two hexadecimal digits and for an encoded NUL.
std::optional<QByteArray> percentDecoded(QByteArrayView text);

/// `a=b&c`: a plus sign is a space. Source: https://url.spec.whatwg.org, section 5.1.
Judged<Query> readQuery(QByteArrayView query);

/// The segments of a path, decoded. Refused: what leaves its folder (`..`), and a slash or NUL in disguise.
Judged<std::vector<QByteArray>> readPath(QByteArrayView path);

} // namespace nightshift::http
