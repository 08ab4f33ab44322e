#pragma once
#include "llm/networkmodule.h"
#include "net/floodwatch.h"
#include <QNetworkAccessManager>

namespace nightshift::net {

/// Requests over Qt's network access manager, without TLS: of a single run with a model server near by, which would
/// pay more for loading libcurl than for all of its requests. Needs the event loop of the thread that made it.
class NetworkClient final : public llm::HttpClient
{
public:
    explicit NetworkClient(const llm::NetworkOptions &options);
    std::unique_ptr<llm::HttpExchange> send(llm::HttpRequest request, llm::HttpHandlers handlers) override;

private:
    const ProxySettings m_proxies;
    FloodWatch m_watch; ///< Before what it watches, which uses it to the end.
    QNetworkAccessManager m_network;
};

} // namespace nightshift::net
