#include "curlclient.h"
#include "base/boundedfile.h"
#include "curl/log.h"
#include "llm/proxies.h"
#include <QDir>
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::curl {

namespace {

class CurlExchange final : public llm::HttpExchange
{
public:
    CurlExchange(Transfers &transfers, std::shared_ptr<Transfer> transfer)
        : m_transfers(transfers)
        , m_transfer(std::move(transfer))
    {
        m_transfers.start(m_transfer);
    }

    ~CurlExchange() override
    {
        if (m_isConcluded)
            m_transfers.letEnd(*m_transfer);
        else
            m_transfers.cancel(*m_transfer);
    }

    void conclude() override { m_isConcluded = true; }

private:
    Transfers &m_transfers;
    const std::shared_ptr<Transfer> m_transfer;
    bool m_isConcluded = false;
};

/// A request that fails before it is sent, but as all others do: from the event loop.
class FailedExchange final : public QObject, public llm::HttpExchange
{
public:
    FailedExchange(const QString &why, llm::HttpHandlers handlers)
    {
        QMetaObject::invokeMethod(
            this, [why, handlers = std::move(handlers)] { handlers.end(fail(Error::Kind::Network, why)); },
            Qt::QueuedConnection);
    }
};

QString problemOf(const QString &caFile)
{
    if (caFile.isEmpty())
        return {};
    const auto pem = readBounded(caFile, fileuse::certificate);
    if (!pem)
        return u"cannot read the certificate authorities in %1: %2"_s.arg(caFile, pem.error().message);
    if (!pem->contains("-----BEGIN CERTIFICATE-----"))
        return u"%1 holds no PEM certificate"_s.arg(caFile);
    return {};
}

/// Where a file of all authorities would be read whole for the first request, a folder in which OpenSSL finds the one
/// it needs by its hash costs next to nothing.
QByteArray hashedAuthorities()
{
    const char *folder = curl_version_info(CURLVERSION_NOW)->capath;
    if (!folder || QDir(QFile::decodeName(folder), u"*.0"_s).isEmpty())
        return {};
    return folder;
}

TransferOptions transferOptions(const llm::NetworkOptions &options)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (!options.caFile.isEmpty())
        return {.caFile = QFile::encodeName(options.caFile), .caFolder = {}};
    return {.caFile = {}, .caFolder = options.tls ? hashedAuthorities() : QByteArray()};
}

} // namespace

CurlClient::CurlClient(const llm::NetworkOptions &options)
    : m_proxies(options.proxy)
    , m_options(transferOptions(options))
    , m_tlsProblem(problemOf(options.caFile))
    , m_transfers(options.connections)
{}

std::unique_ptr<llm::HttpExchange> CurlClient::send(llm::HttpRequest request, llm::HttpHandlers handlers)
{
    const QUrl url(request.url);
    if (!m_tlsProblem.isEmpty() && url.scheme() == "https"_L1)
        return std::make_unique<FailedExchange>(m_tlsProblem, std::move(handlers));
    qCDebug(curlLog, "%s to %s", request.method.constData(), qUtf8Printable(url.host()));
    const QByteArray proxy = llm::proxyFor(url, m_proxies).toEncoded();
    return std::make_unique<CurlExchange>(
        m_transfers, std::make_shared<Transfer>(std::move(request), proxy, m_options, std::move(handlers)));
}

} // namespace nightshift::curl
