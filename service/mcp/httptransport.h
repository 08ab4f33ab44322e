#pragma once
#include "base/sseparser.h"
#include "domain/answerlimits.h"
#include "llm/httpclient.h"
#include "mcp/transport.h"
#include <QTimer>
#include <QUrl>
#include <deque>
#include <list>

namespace nightshift::mcp {

/// An MCP server behind a URL: every message is a POST, answered by one JSON text or a stream of them; what the
/// server says unasked comes over a GET that stays open, where it has such a thing.
/// Source: https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http
class HttpTransport : public Transport
{
    Q_OBJECT

public:
    /// `headers` go with every request.
    HttpTransport(llm::HttpClient &http, const QString &url, llm::HttpHeaders headers, QObject *parent);
    ~HttpTransport() override;

    void send(const RawJson &message, std::optional<qint64> id) override;
    void setProtocolVersion(const QByteArray &version) override { m_protocolVersion = version; }
    void close() override;

private:
    struct Message
    {
        RawJson json;
        std::optional<qint64> id; ///< Of a request; other messages are not answered.
        int attempt = 0;
    };
    struct Exchange;

    void post(Message message);
    void listen();
    Exchange &open(const QByteArray &method, Message message);
    void onHead(Exchange &exchange, int status, const llm::HttpHeaders &headers);
    void onBody(Exchange &exchange, const QByteArray &bytes);
    void onEnd(Exchange &exchange, const Result<> &outcome);
    void endTooLarge(Exchange &exchange);
    void endPost(Message message, int status, const QString &problem, const QByteArray &body);
    bool follows(const Message &message, int status, const QByteArray &location);
    void giveUp(const Message &message, const QString &why);
    void postNext();
    llm::HttpHeaders headers(const char *accept) const;

    llm::HttpClient &m_http;
    QUrl m_url;
    const llm::HttpHeaders m_headers;
    const AnswerLimits m_limits;
    QByteArray m_sessionId;
    QByteArray m_protocolVersion;
    std::list<Exchange> m_exchanges; ///< Under way.
    std::deque<Message> m_held;      ///< Until the server has taken the notification before them.
    bool m_isNotifying = false;
    bool m_isEstablished = false; ///< The server has answered once.
    bool m_listens = false;
    bool m_isClosing = false;
    QTimer m_grace;
};

/// What a status and the first words of a body mean, as one sentence.
QString describeHttpFailure(int status, const QString &url, const QByteArray &body);

} // namespace nightshift::mcp
