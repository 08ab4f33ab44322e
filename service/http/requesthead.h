#pragma once
#include "http/headers.h"
#include "http/problem.h"
#include <expected>
#include <optional>

namespace nightshift::http {

template <typename T>
using Judged = std::expected<T, Problem>;

/// A request without its body, as it came: judged, not yet understood.
struct RequestHead
{
    QByteArray method;
    QByteArray path;  ///< Percent-encoded, begins with a slash.
    QByteArray query; ///< Percent-encoded, without the question mark.
    int minorVersion = 1;
    Headers headers;
    std::optional<qint64> contentLength;
    bool chunked = false;
    bool keepAlive = true; ///< What the client wants of the connection.
    bool expectsContinue = false;
    bool operator==(const RequestHead &) const = default;

    bool hasBody() const { return chunked || contentLength.value_or(0) > 0; }
};

/// Bytes a head may have, its empty line included.
constexpr qsizetype maxHeadBytes = 32 * 1024;

/// Where the head at the beginning of `received` ends; 0 when it is not complete. What can only be refused is
/// refused before it is complete: a line that ends in LF alone, a first byte that begins no method, too much.
Judged<qsizetype> headEnd(QByteArrayView received, qsizetype maxBytes = maxHeadBytes);

/// Reads a complete head. Nothing is guessed: a head that two readers could understand differently is refused,
/// since a proxy in front of us may be the other one. Source: RFC 9112, sections 2 to 6.
Judged<RequestHead> readHead(QByteArrayView head);

} // namespace nightshift::http
