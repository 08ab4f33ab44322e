#pragma once
#include "base/result.h"
#include "llm/httpclient.h"
#include <QByteArrayList>

namespace nightshift::llm {

/// Another client whose requests and answers are also written to a folder, numbered across runs, so that a
/// report can bring them along and a test can play them: NNNN-request.json and NNNN-response.sse are the bodies
/// as they were, NNNN-exchange.txt says the rest. Keys are replaced by `***` wherever they stand.
class CapturingClient final : public HttpClient
{
public:
    /// Makes the folder. `secrets` are the keys to look for, beside what the headers of a request say.
    static Result<std::unique_ptr<HttpClient>> create(std::unique_ptr<HttpClient> client, const QString &folder,
                                                      QByteArrayList secrets);
    std::unique_ptr<HttpExchange> send(HttpRequest request, HttpHandlers handlers) override;

private:
    CapturingClient(std::unique_ptr<HttpClient> client, QString folder, QByteArrayList secrets);

    std::unique_ptr<HttpClient> m_client;
    const QString m_folder;
    const QByteArrayList m_secrets;
    int m_last = 0; ///< The number of the last exchange.
};

} // namespace nightshift::llm
