#pragma once
#include "llm/httpclient.h"
#include <QString>
#include <chrono>

namespace nightshift::llm {

/// How one request to a model went.
struct RequestFigures
{
    QString url;
    QByteArray model;
    int status = 0;                             ///< Of HTTP; 0 when the server was not reached.
    std::chrono::duration<double> untilFirst{}; ///< To the first byte of the answer's body; 0 when there was none.
    std::chrono::duration<double> whole{};
};

/// Measures the requests to models that go through another client, until the answer is taken. Those that name no model,
/// as MCP's do, pass by, and so do those that are given up before there was an answer.
class MeteredClient final : public HttpClient
{
public:
    using Tell = std::function<void(const RequestFigures &)>;
    MeteredClient(std::unique_ptr<HttpClient> client, Tell tell);

    std::unique_ptr<HttpExchange> send(HttpRequest request, HttpHandlers handlers) override;

private:
    std::unique_ptr<HttpClient> m_client;
    Tell m_tell;
};

} // namespace nightshift::llm
