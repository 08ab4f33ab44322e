#pragma once
#include "llm/httpclient.h"

namespace nightshift::llm {

/// An answer that is known before anybody asks.
struct PreparedAnswer
{
    int status = 200;
    QByteArray body;
    HttpHeaders headers = {{"content-type", "text/event-stream"}};
    bool isWhole = true; ///< False: the connection is cut behind the body.
    bool operator==(const PreparedAnswer &) const = default;
};

/// Delivers it from the event loop, as a network would.
std::unique_ptr<HttpExchange> deliver(PreparedAnswer answer, HttpHandlers handlers);

} // namespace nightshift::llm
