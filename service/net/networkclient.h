#pragma once
#include "llm/networkmodule.h"
#include <QNetworkAccessManager>

namespace nightshift::net {

/// Requests over Qt's network access manager. Needs the event loop of the thread that made it.
class NetworkClient final : public llm::HttpClient
{
public:
    explicit NetworkClient(const llm::NetworkOptions &options);
    std::unique_ptr<llm::HttpExchange> send(llm::HttpRequest request, llm::HttpHandlers handlers) override;

private:
    QNetworkAccessManager m_network;
    QString m_tlsProblem; ///< Why https cannot work: the file of authorities is not readable.
};

} // namespace nightshift::net
