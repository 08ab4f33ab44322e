#pragma once
#include "net/plainserver.h"

class QUrl;

namespace nightshift::net {

/// Requests over HTTP/1.1 without TLS and without a proxy, as to a model server of this machine: a tenth of what
/// Qt's network access manager takes for one, and no thread between us and the socket. Needs the event loop of the
/// thread that made it.
class PlainClient final
{
public:
    /// To one server at a time there are never more than so many connections; what is asked beyond that waits.
    explicit PlainClient(int connections)
        : m_connections(connections)
    {}

    /// `url` is that of the request, with the scheme http and no user in it.
    std::unique_ptr<llm::HttpExchange> send(llm::HttpRequest request, const QUrl &url, llm::HttpHandlers handlers);

private:
    PlainServer &server(const QUrl &url);

    const int m_connections;
    Readiness m_readiness;
    std::unordered_map<QString, std::unique_ptr<PlainServer>> m_servers; ///< By HOST:PORT.
};

} // namespace nightshift::net
