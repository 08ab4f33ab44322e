#pragma once
#include "base/result.h"
#include <QByteArray>
#include <functional>
#include <memory>
#include <vector>

namespace nightshift::llm {

using HttpHeaders = std::vector<std::pair<QByteArray, QByteArray>>; ///< Names in lower case.

struct HttpRequest
{
    QByteArray method = "POST";
    QString url;
    HttpHeaders headers;
    std::vector<QByteArray> body; ///< Sent one after the other; pieces are shared, never joined.
};

/// What comes back, in this order: head once, body any number of times, end once.
/// Never called from inside send(), nor once the exchange is deleted.
struct HttpHandlers
{
    std::function<void(int status, const HttpHeaders &headers)> head;
    std::function<void(const QByteArray &bytes)> body;
    std::function<void(const Result<> &outcome)> end; ///< An error means: cut or never reached, not a status.
    /// The request is held back on our side, which is no silence of the server's; any time before head. May be empty.
    std::function<void()> held = {};
};

/// One request under way; deleting it cancels it, also from inside one of its handlers.
class HttpExchange
{
public:
    virtual ~HttpExchange() = default;
    /// All that matters has come. Deleted after this, it lets the rest of the answer pass unread, so that its
    /// connection serves the next request rather than being cut.
    virtual void conclude() {}
};

/// The door to the network. An interface because QtNetwork and libcurl live in modules that only runs that need them
/// load, and because the demo provider answers without a network.
class HttpClient
{
public:
    virtual ~HttpClient() = default;
    virtual std::unique_ptr<HttpExchange> send(HttpRequest request, HttpHandlers handlers) = 0;
};

} // namespace nightshift::llm
