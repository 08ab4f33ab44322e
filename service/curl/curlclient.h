#pragma once
#include "curl/transfers.h"
#include "llm/networkmodule.h"

namespace nightshift::curl {

/// Requests to servers, by libcurl: of runs that need TLS, and of programs with many sessions. Needs the event loop of
/// the thread that made it, and outlives its exchanges.
class CurlClient final : public llm::HttpClient
{
public:
    explicit CurlClient(const llm::NetworkOptions &options);
    std::unique_ptr<llm::HttpExchange> send(llm::HttpRequest request, llm::HttpHandlers handlers) override;

private:
    const ProxySettings m_proxies;
    const TransferOptions m_options;
    QString m_tlsProblem; ///< Why https cannot work: the file of authorities is not readable.
    Transfers m_transfers;
};

} // namespace nightshift::curl
