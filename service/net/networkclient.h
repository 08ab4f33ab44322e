#pragma once
#include "llm/networkmodule.h"
#include "net/plainclient.h"
#include "net/proxies.h"
#include <QNetworkAccessManager>
#include <deque>
#include <memory>
#include <thread>

namespace nightshift::net {

/// Requests to servers: plain ones on our own, all others over Qt's network access manager. Needs the event loop of the
/// thread that made it.
class NetworkClient final : public llm::HttpClient
{
public:
    explicit NetworkClient(const llm::NetworkOptions &options);
    std::unique_ptr<llm::HttpExchange> send(llm::HttpRequest request, llm::HttpHandlers handlers) override;

private:
    /// A manager has so many connections to one server, and no more.
    struct Line
    {
        QNetworkAccessManager network;
        std::shared_ptr<int> underWay = std::make_shared<int>(0); ///< Requests.
    };
    Line &addLine();
    Line &freeLine();

    Proxies m_proxies;
    const int m_connections; ///< To one server at a time.
    PlainClient m_plain;
    std::deque<Line> m_lines;
    QString m_tlsProblem;     ///< Why https cannot work: the file of authorities is not readable.
    std::jthread m_tlsThread; ///< Sets up TLS while the first request is prepared. Last, it uses the others.
};

} // namespace nightshift::net
