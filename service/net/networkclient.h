#pragma once
#include "llm/networkmodule.h"
#include <QNetworkAccessManager>
#include <thread>

namespace nightshift::net {

/// Requests over Qt's network access manager. Needs the event loop of the thread that made it.
class NetworkClient final : public llm::HttpClient
{
public:
    explicit NetworkClient(const llm::NetworkOptions &options);
    std::unique_ptr<llm::HttpExchange> send(llm::HttpRequest request, llm::HttpHandlers handlers) override;

private:
    QNetworkAccessManager m_network;
    const int m_connections;  ///< To one server at a time.
    QString m_tlsProblem;     ///< Why https cannot work: the file of authorities is not readable.
    std::jthread m_tlsThread; ///< Sets up TLS while the first request is prepared. Last, it uses the others.
};

} // namespace nightshift::net
