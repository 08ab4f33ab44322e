#include "tokenclient.h"
#include "engine/log.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

using llm::HttpHandlers;
using llm::HttpHeaders;
using llm::HttpRequest;

TokenRun::TokenRun(const TokenCommand &command, QObject *parent)
    : QObject(parent)
    , m_command(command)
{
    m_process.setWorkingDirectory(command.cwd);
    m_process.setStandardInputFile(QProcess::nullDevice());
    m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    connect(&m_process, &QProcess::finished, this, &TokenRun::onEnded);
    // Queued: a program that cannot be started says so while it is started.
    connect(
        &m_process, &QProcess::errorOccurred, this,
        [this](QProcess::ProcessError error) {
            if (error == QProcess::FailedToStart)
                end(fail(Error::Kind::Denied, u"it cannot be started: "_s + m_process.errorString()));
        },
        Qt::QueuedConnection);
    m_timeout.setSingleShot(true);
    connect(&m_timeout, &QTimer::timeout, this,
            [this] { end(fail(Error::Kind::Denied, u"it took longer than %1 ms"_s.arg(m_command.timeout.count()))); });
    m_timeout.start(command.timeout);
    qCDebug(engineLog, "running the token command %s", qUtf8Printable(command.argv.value(0)));
    m_process.start(command.argv.value(0), command.argv.sliced(1), QIODevice::ReadOnly);
}

TokenRun::~TokenRun()
{
    m_process.disconnect(this);
    m_process.kill();
    m_process.waitForFinished();
}

void TokenRun::onEnded()
{
    if (m_process.exitStatus() != QProcess::NormalExit || m_process.exitCode() != 0)
        return end(fail(Error::Kind::Denied, u"it ended with code %1"_s.arg(m_process.exitCode())));
    m_token = Secret(m_process.readAllStandardOutput().trimmed());
    end(m_token.isEmpty() ? fail(Error::Kind::Denied, u"it printed nothing"_s) : Result<>());
}

void TokenRun::end(const Result<> &outcome)
{
    m_timeout.stop();
    m_process.disconnect(this);
    if (outcome)
        return emit finished({});
    const Error &error = outcome.error();
    emit finished(
        fail(error.kind, u"the token command `%1` failed: %2"_s.arg(m_command.argv.join(u' '), error.message)));
}

/// One request, and its repetition with a new token.
class TokenExchange final : public QObject, public llm::HttpExchange
{
public:
    TokenExchange(TokenClient &client, HttpRequest request, HttpHandlers handlers)
        : m_client(client)
        , m_request(std::move(request))
        , m_handlers(std::move(handlers))
    {
        std::erase_if(m_request.headers, [](const auto &header) { return header.first == "authorization"; });
        if (m_client.isFresh())
            send();
        else
            renew();
    }
    void conclude() override { m_exchange->conclude(); }

private:
    void renew()
    {
        m_renewed = true;
        auto *run = new TokenRun(m_client.m_command, this);
        connect(run, &TokenRun::finished, this, [this, run](const Result<> &outcome) {
            run->deleteLater();
            if (!outcome)
                return m_handlers.end(outcome);
            m_client.keep(run->token());
            send();
        });
    }

    void send()
    {
        HttpRequest request = m_request;
        request.headers.emplace_back("authorization", "Bearer " + m_client.m_token.reveal());
        m_exchange = m_client.m_http.send(std::move(request),
                                          {
                                              .head = [this](int status, const HttpHeaders &h) { onHead(status, h); },
                                              .body = m_handlers.body,
                                              .end = m_handlers.end,
                                              .held = m_handlers.held,
                                          });
    }

    void onHead(int status, const HttpHeaders &headers)
    {
        if (status != 401 || m_renewed)
            return m_handlers.head(status, headers);
        m_exchange.reset();
        renew();
    }

    TokenClient &m_client;
    HttpRequest m_request;
    const HttpHandlers m_handlers;
    bool m_renewed = false;
    std::unique_ptr<llm::HttpExchange> m_exchange;
};

TokenClient::TokenClient(llm::HttpClient &http, TokenCommand command, Secret first)
    : m_http(http)
    , m_command(std::move(command))
{
    if (!first.isEmpty())
        keep(first);
}

std::unique_ptr<llm::HttpExchange> TokenClient::send(HttpRequest request, HttpHandlers handlers)
{
    return std::make_unique<TokenExchange>(*this, std::move(request), std::move(handlers));
}

bool TokenClient::isFresh() const
{
    const auto interval = m_command.refreshInterval; // 0: until it is refused
    return !m_token.isEmpty() && (interval.count() == 0 || m_age.durationElapsed() < interval);
}

void TokenClient::keep(const Secret &token)
{
    m_token = token;
    m_age.start();
}

} // namespace nightshift::engine
