#include "model.h"
#include <QUrl>
#include <sys/utsname.h>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

/// Who asks, on what: `codex_exec/0.1.0 (Linux 6.1; x86_64) nightshift`.
QByteArray userAgent(const QString &originator)
{
    utsname system{};
    ::uname(&system);
    return originator.toUtf8() + "/" NIGHTSHIFT_VERSION " (" + system.sysname + ' ' + system.release + "; " +
           system.machine + ") nightshift";
}

QString endpoint(const ProviderSettings &provider, const QString &path)
{
    QString url = provider.baseUrl;
    while (url.endsWith(u'/'))
        url.chop(1);
    url += path;
    QChar separator = u'?';
    for (const auto &[name, value] : provider.queryParams) {
        url += separator + QString::fromUtf8(QUrl::toPercentEncoding(name)) + u'=' +
               QString::fromUtf8(QUrl::toPercentEncoding(value));
        separator = u'&';
    }
    return url;
}

std::unique_ptr<TokenClient> tokenClient(llm::HttpClient &http, const ProviderSettings &provider)
{
    if (!provider.tokenCommand)
        return {};
    return std::make_unique<TokenClient>(http, *provider.tokenCommand, provider.key);
}

} // namespace

Model::Model(llm::HttpClient &http, const Settings &settings, const QString &sessionId)
    : m_tokens(tokenClient(http, settings.provider))
    , m_http(m_tokens ? *m_tokens : http)
    , m_settings(settings)
    , m_provider(settings.provider)
    , m_sessionId(sessionId)
    , m_protocol(llm::makeProtocol(settings.provider.wireApi))
{}

llm::ModelRequest Model::request(std::span<const HistoryItem> input) const
{
    const ModelInfo &info = m_settings.modelInfo;
    const auto verbosity = info.verbosity ? info.defaultVerbosity : std::nullopt;
    llm::ModelRequest request{.model = m_settings.model,
                              .sessionId = m_sessionId,
                              .reasoningEffort =
                                  m_settings.reasoningEffort ? m_settings.reasoningEffort : info.defaultReasoningEffort,
                              .reasoningSummary = m_settings.reasoningSummary,
                              .verbosity = m_settings.verbosity ? m_settings.verbosity : verbosity,
                              .serviceTier = m_settings.serviceTier};
    request.input.reserve(input.size());
    for (const HistoryItem &item : input)
        request.input.push_back(item.json);
    return request;
}

llm::ModelStream *Model::ask(const llm::ModelRequest &request, QObject *parent)
{
    const QByteArray id = m_sessionId.toUtf8();
    llm::HttpRequest http{.url = endpoint(m_provider, m_protocol->path()),
                          .headers = {{"content-type", "application/json"},
                                      {"accept", "text/event-stream"},
                                      {"originator", m_settings.originator.toUtf8()},
                                      {"user-agent", userAgent(m_settings.originator)},
                                      {"session-id", id},
                                      {"thread-id", id},
                                      {"x-client-request-id", id}},
                          .body = m_protocol->body(request)};
    if (!m_traceParent.isEmpty())
        http.headers.emplace_back("traceparent", m_traceParent);
    std::ranges::move(llm::wireHeaders(m_provider), std::back_inserter(http.headers));
    std::ranges::move(m_protocol->headers(request), std::back_inserter(http.headers));
    for (const auto &[name, value] : m_provider.headers)
        http.headers.emplace_back(name.toUtf8(), value.toUtf8());
    return new llm::ModelStream(m_http, m_provider, *m_protocol, std::move(http), parent);
}

} // namespace nightshift::engine
