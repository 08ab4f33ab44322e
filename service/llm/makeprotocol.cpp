#include "llm/modelprotocol.h"

namespace nightshift::llm {

std::unique_ptr<ModelProtocol> makeProtocol(WireApi api)
{
    switch (api) {
    case WireApi::Chat:
        return makeChatProtocol();
    case WireApi::Messages:
        return makeMessagesProtocol();
    case WireApi::Responses:
        break;
    }
    return makeResponsesProtocol();
}

HttpHeaders wireHeaders(const ProviderSettings &provider)
{
    HttpHeaders headers;
    const bool messages = provider.wireApi == WireApi::Messages;
    if (messages) // Source: https://platform.claude.com/docs/en/api/versioning
        headers.emplace_back("anthropic-version", "2023-06-01");
    if (provider.key.isEmpty())
        return headers;
    if (messages && !provider.tokenCommand) // tokens are bearer tokens on every wire
        headers.emplace_back("x-api-key", provider.key.reveal());
    else
        headers.emplace_back("authorization", "Bearer " + provider.key.reveal());
    return headers;
}

} // namespace nightshift::llm
