#include "plainclient.h"
#include <QUrl>
#include <algorithm>

namespace nightshift::net {

using llm::HttpRequest;

namespace {

class PlainExchange final : public llm::HttpExchange
{
public:
    explicit PlainExchange(std::shared_ptr<PlainRequest> request)
        : m_request(std::move(request))
    {}

    ~PlainExchange() override
    {
        m_request->isDropped = true;
        if (m_request->connection)
            m_request->connection->onDropped();
    }

    void conclude() override { m_request->isConcluded = true; }

private:
    std::shared_ptr<PlainRequest> m_request;
};

/// A line break in a header's value would begin another header.
bool isOneLine(const QByteArray &value)
{
    return std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

QByteArray headOf(const HttpRequest &request, const QUrl &url)
{
    QByteArray target = url.path(QUrl::FullyEncoded).toLatin1();
    if (target.isEmpty())
        target = "/";
    if (url.hasQuery())
        target += '?' + url.query(QUrl::FullyEncoded).toLatin1();
    QByteArray head = request.method + ' ' + target +
                      " HTTP/1.1\r\nhost: " + url.authority(QUrl::FullyEncoded).toLatin1() +
                      "\r\naccept-encoding: identity\r\n";
    for (const auto &[name, value] : request.headers) {
        if (isOneLine(value))
            head += name + ": " + value + "\r\n";
    }
    qsizetype length = 0;
    for (const QByteArray &piece : request.body)
        length += piece.size();
    if (length > 0 || request.method == "POST")
        head += "content-length: " + QByteArray::number(length) + "\r\n";
    return head + "\r\n";
}

} // namespace

PlainServer &PlainClient::server(const QUrl &url)
{
    constexpr int usualPort = 80;
    const quint16 port = quint16(url.port(usualPort));
    const QString host = url.host(QUrl::FullyEncoded);
    auto &server = m_servers[host + u':' + QString::number(port)];
    if (!server)
        server = std::make_unique<PlainServer>(m_readiness, host, port, m_connections);
    return *server;
}

std::unique_ptr<llm::HttpExchange> PlainClient::send(HttpRequest request, const QUrl &url, llm::HttpHandlers handlers)
{
    auto sent = std::make_shared<PlainRequest>(
        PlainRequest{.method = request.method, .pieces = {headOf(request, url)}, .handlers = std::move(handlers)});
    std::ranges::move(request.body, std::back_inserter(sent->pieces));
    server(url).send(sent);
    return std::make_unique<PlainExchange>(std::move(sent));
}

} // namespace nightshift::net
