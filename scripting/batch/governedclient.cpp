#include "governedclient.h"
#include "llm/modelfailure.h"
#include <QDateTime>
#include <QElapsedTimer>
#include <QPointer>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

QByteArray headerOf(const llm::HttpHeaders &headers, const QByteArray &name)
{
    const auto found = std::ranges::find(headers, name, &llm::HttpHeaders::value_type::first);
    return found == headers.end() ? QByteArray() : found->second;
}

bool isRefusal(int status)
{
    return status == 429 || status == 529; // the second is Anthropic's own, "overloaded"
}

} // namespace

/// Queued --(a slot)--> Sent --(refused)--> Reading --(may heal)--> (Waiting alone -->) Queued
///                       '--(anything else)--> Passing on --> end
class GovernedExchange final : public QObject, public llm::HttpExchange
{
public:
    GovernedExchange(GovernedClient &client, Governor &governor, llm::HttpRequest request, llm::HttpHandlers handlers)
        : m_client(client)
        , m_governor(governor)
        , m_request(std::move(request))
        , m_handlers(std::move(handlers))
        , m_session(QString::fromUtf8(headerOf(m_request.headers, "session-id")))
    {
        constexpr auto signOfLife = 5s; // while held: well below the patience of whoever waits for an answer
        m_alive.setInterval(signOfLife);
        connect(&m_alive, &QTimer::timeout, this, [this] {
            if (m_handlers.held)
                m_handlers.held();
        });
        m_alone.setSingleShot(true);
        connect(&m_alone, &QTimer::timeout, this, [this] {
            --m_client.m_alone;
            takeTurn();
        });
        queue();
    }
    ~GovernedExchange() override
    {
        if (m_isWaiting)
            emit m_client.waitEnded(m_session);
        m_client.m_alone -= m_alone.isActive() ? 1 : 0;
        if (m_isAccepted) // whoever reads a stream may leave at its last message, before its end
            m_governor.succeeded({}, {m_answeredAt - m_sentAt, QDateTime::currentMSecsSinceEpoch() - m_sentAt});
    }
    void conclude() override
    {
        if (m_exchange)
            m_exchange->conclude();
    }

private:
    void queue()
    {
        m_alive.start();
        emit m_client.queued(m_session);
        const qint64 alone = m_againAt - QDateTime::currentMSecsSinceEpoch();
        if (alone <= 0)
            return takeTurn();
        ++m_client.m_alone;
        m_alone.start(milliseconds(alone));
    }

    void takeTurn()
    {
        m_ticket = m_governor.acquire([this] { sendNow(); });
    }

    void sendNow()
    {
        if (std::exchange(m_isWaiting, false))
            emit m_client.waitEnded(m_session);
        emit m_client.sent(m_session);
        m_alive.stop();
        m_sentAt = QDateTime::currentMSecsSinceEpoch();
        if (m_handlers.held)
            m_handlers.held(); // the server's time begins now
        m_exchange = m_client.m_http.send(
            m_request, {
                           .head = [this](int status, const llm::HttpHeaders &headers) { onHead(status, headers); },
                           .body =
                               [this](const QByteArray &bytes) {
                                   if (m_refusal)
                                       m_refusalBody += bytes;
                                   else
                                       m_handlers.body(bytes);
                               },
                           .end = [this](const Result<> &outcome) { onEnd(outcome); },
                       });
    }

    void onHead(int status, const llm::HttpHeaders &headers)
    {
        if (isRefusal(status)) {
            m_refusal = status;
            m_refusalHeaders = headers;
            m_refusalBody.clear();
            return;
        }
        const RateHint hint = rateHint(headers, QDateTime::currentMSecsSinceEpoch());
        if (status == 503)
            m_governor.refused(hint, m_sentAt);
        m_isAccepted = status == 200;
        m_answeredAt = QDateTime::currentMSecsSinceEpoch();
        if (m_isAccepted && hint.reset)
            m_governor.pauseFor(hint);
        m_handlers.head(status, headers);
    }

    void onEnd(const Result<> &outcome)
    {
        const auto handlers = m_handlers; // they may delete us
        if (!m_refusal) {
            m_ticket.reset();
            return handlers.end(outcome);
        }
        const llm::ModelFailure failure =
            llm::failureOfStatus(m_refusal, m_refusalHeaders, m_refusalBody, m_request.url);
        const bool isHopeless = failure.retry == llm::ModelFailure::Retry::Never;
        if (!isHopeless) {
            if (!m_patience.isValid())
                m_patience.start();
            m_againAt = m_governor.refused(rateHint(m_refusalHeaders, QDateTime::currentMSecsSinceEpoch()), m_sentAt);
        }
        m_ticket.reset();
        if (isHopeless || m_patience.durationElapsed() >= m_client.m_options.patience)
            return passOn();
        m_refusal = 0;
        // The old exchange ends here, from inside its last call, which it allows.
        QMetaObject::invokeMethod(this, [this] { waitAgain(); }, Qt::QueuedConnection);
    }

    void waitAgain()
    {
        m_exchange.reset();
        m_isWaiting = true;
        queue();
        emit m_client.waitStarted(m_session, std::max(m_againAt, m_governor.nextAllowed()));
    }

    /// As final: it was asked again for as long as was to be.
    void passOn()
    {
        std::erase_if(m_refusalHeaders, [](const auto &header) { return header.first.startsWith("retry-after"); });
        m_refusalHeaders.emplace_back("x-should-retry", "false");
        const auto handlers = m_handlers;
        const QPointer<QObject> self(this);
        const QByteArray body = m_refusalBody;
        handlers.head(m_refusal, m_refusalHeaders);
        if (self)
            handlers.body(body);
        if (self)
            handlers.end({});
    }

    GovernedClient &m_client;
    Governor &m_governor;
    const llm::HttpRequest m_request;
    const llm::HttpHandlers m_handlers;
    const QString m_session;
    std::unique_ptr<Governor::Ticket> m_ticket;
    std::unique_ptr<llm::HttpExchange> m_exchange;
    QTimer m_alive;
    QTimer m_alone;           ///< While the others need not wait.
    QElapsedTimer m_patience; ///< Since the first refusal.
    qint64 m_sentAt = 0;
    qint64 m_answeredAt = 0;
    qint64 m_againAt = 0;
    int m_refusal = 0; ///< The status under way that is a refusal.
    llm::HttpHeaders m_refusalHeaders;
    QByteArray m_refusalBody;
    bool m_isWaiting = false;  ///< And somebody was told.
    bool m_isAccepted = false; ///< The server answers.
};

GovernedClient::GovernedClient(llm::HttpClient &http, Options options, QObject *parent)
    : QObject(parent)
    , m_http(http)
    , m_options(std::move(options))
{}

Governor *GovernedClient::governorFor(const llm::HttpRequest &request)
{
    const QByteArray key = headerOf(request.headers, "authorization") + headerOf(request.headers, "x-api-key");
    const QString path = governorPath(m_options.runtimeFolder, QUrl(request.url).authority(), key);
    auto &governor = m_governors[path];
    if (!governor)
        governor = std::make_unique<Governor>(path);
    return governor.get();
}

std::unique_ptr<llm::HttpExchange> GovernedClient::send(llm::HttpRequest request, llm::HttpHandlers handlers)
{
    m_last = governorFor(request);
    return std::make_unique<GovernedExchange>(*this, *m_last, std::move(request), std::move(handlers));
}

} // namespace nightshift::batch
