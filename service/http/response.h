#pragma once
#include "base/result.h"
#include "http/requesthead.h"
#include <memory>

class QFile;

namespace nightshift::http {

/// A body that is made while it is sent, and no faster than its client takes it.
class BodySource
{
public:
    virtual ~BodySource() = default;
    /// The next bytes, within a few milliseconds; empty at the end. After an error the connection is cut.
    virtual Result<QByteArray> next() = 0;
};

/// An answer: a body that is at hand, a part of an open file, or what a source makes.
struct Response
{
    int status = 200;
    Headers headers; ///< Beside those that belong to the connection: lengths, Date, Connection.
    QByteArray body;
    std::shared_ptr<QFile> file; ///< Instead of `body`.
    qint64 fileFrom = 0;
    qint64 fileBytes = 0;
    std::shared_ptr<BodySource> source; ///< Instead of both; nobody knows how much will come.
    bool operator==(const Response &) const = default;

    qint64 bodyBytes() const { return file ? fileBytes : body.size(); }
};

Response jsonResponse(int status, const RawJson &body);
Response problemResponse(const Problem &problem, const QByteArray &instance);

/// An open file as the answer to a GET: whole, one range of it, or word that the client has it already. `etag` is
/// strong and quoted. Source: RFC 9110, sections 13 and 14.
Judged<Response> fileResponse(const RequestHead &head, std::shared_ptr<QFile> file, const QByteArray &type,
                              const QByteArray &etag);
/// The same for what is at hand.
Judged<Response> bytesResponse(const RequestHead &head, const QByteArray &bytes, const QByteArray &type,
                               const QByteArray &etag);

enum class Body { Length, Chunked, UntilClose };
enum class After { KeepAlive, Close };

/// Status line and header fields. Values that would break out of their line are left out.
QByteArray responseHead(const Response &response, Body body, After after);

} // namespace nightshift::http
