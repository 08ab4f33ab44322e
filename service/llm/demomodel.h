#pragma once
#include "llm/httpclient.h"

namespace nightshift::llm {

/// The provider `demo`: a small scripted model inside the program, so that a run can be seen without a key
/// or a network. It answers Responses requests as a server would, one step for each: look around with real
/// commands, leave a note where it may write, and tell what the commands printed.
class DemoModel final : public HttpClient
{
public:
    std::unique_ptr<HttpExchange> send(HttpRequest request, HttpHandlers handlers) override;
};

/// The server-sent events that answer a Responses request body. Pure.
QByteArray demoAnswer(const QByteArray &requestBody);

} // namespace nightshift::llm
