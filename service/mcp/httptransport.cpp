#include "mcp/httptransport.h"
#include "base/credentials.h"
#include "base/jsonreader.h"
#include <QPointer>
#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::mcp {

namespace {

constexpr auto closeGrace = 1s; // for the server to take note; it forgets idle sessions anyway
/// A server that is being started along with us: how long to wait before it is asked again.
constexpr std::chrono::milliseconds retryDelays[] = {200ms, 500ms, 800ms};
constexpr int tooLarge = -1; // in place of a status
constexpr qsizetype mostRedirects = 5;
constexpr qsizetype shownBodyBytes = 300;
constexpr const char *bothForms = "text/event-stream, application/json";

QByteArray valueOf(const llm::HttpHeaders &headers, const QByteArray &name)
{
    const auto found = std::ranges::find(headers, name, &std::pair<QByteArray, QByteArray>::first);
    return found == headers.end() ? QByteArray() : found->second;
}

/// What the server itself says is wrong.
QString reasonIn(const QByteArray &body)
{
    if (const auto document = JsonDocument::parse(body)) {
        const JsonView error = document->root()["error"];
        const QString said = error["message"].toString(error.toString(document->root()["message"].toString()));
        if (!said.isEmpty())
            return said;
    }
    return QString::fromUtf8(body.first(qMin(body.size(), shownBodyBytes))).simplified();
}

} // namespace

struct HttpTransport::Exchange
{
    QByteArray method;
    Message message;
    int status = 0;
    bool isStream = false;
    QByteArray location;
    SseParser parser;
    qint64 unreadBytes = 0; ///< Of a stream, since its last message.
    QByteArray body;        ///< Of an answer that is no stream.
    std::unique_ptr<llm::HttpExchange> http;
};

QString describeHttpFailure(int status, const QString &url, const QByteArray &body)
{
    const QString shown = withoutUrlSecrets(url);
    if (status == 401 || status == 403)
        return u"Auth required: %1 answered HTTP %2; put a key into a variable and name that in bearer_token_env_var, "
               "OAuth logins are not supported"_s.arg(shown)
                   .arg(status);
    const QString reason = reasonIn(body);
    return u"%1 answered HTTP %2%3"_s.arg(shown).arg(status).arg(reason.isEmpty() ? QString() : u": "_s + reason);
}

HttpTransport::HttpTransport(llm::HttpClient &http, const QString &url, llm::HttpHeaders headers, QObject *parent)
    : Transport(parent)
    , m_http(http)
    , m_url(url)
    , m_headers(std::move(headers))
{
    m_grace.setSingleShot(true);
    connect(&m_grace, &QTimer::timeout, this, [this] { emit closed(u"was closed"_s); });
}

HttpTransport::~HttpTransport() = default;

llm::HttpHeaders HttpTransport::headers(const char *accept) const
{
    llm::HttpHeaders all{{"accept", accept}, {"user-agent", "nightshift-mcp-client/" NIGHTSHIFT_VERSION}};
    if (!m_protocolVersion.isEmpty())
        all.emplace_back("mcp-protocol-version", m_protocolVersion);
    if (!m_sessionId.isEmpty())
        all.emplace_back("mcp-session-id", m_sessionId);
    std::ranges::copy(m_headers, std::back_inserter(all));
    return all;
}

void HttpTransport::send(const RawJson &message, std::optional<qint64> id)
{
    if (m_isClosing)
        return;
    m_held.push_back({message, id});
    postNext();
}

/// One notification after the other, and what follows after it: over several connections `initialized` could
/// come later than the request that needs it.
void HttpTransport::postNext()
{
    while (!m_isNotifying && !m_held.empty()) {
        Message next = std::move(m_held.front());
        m_held.pop_front();
        m_isNotifying = !next.id;
        post(std::move(next));
    }
}

void HttpTransport::post(Message message)
{
    Exchange &exchange = open("POST", std::move(message));
    llm::HttpRequest request{
        .url = m_url.toString(QUrl::FullyEncoded), .headers = headers(bothForms), .body = {exchange.message.json.text}};
    request.headers.emplace_back("content-type", "application/json");
    exchange.http = m_http.send(
        std::move(request),
        {[this, &exchange](int status, const llm::HttpHeaders &headers) { onHead(exchange, status, headers); },
         [this, &exchange](const QByteArray &bytes) { onBody(exchange, bytes); },
         [this, &exchange](const Result<> &outcome) { onEnd(exchange, outcome); }});
}

/// Opens the server's own stream; one that has none answers 405, which is fine.
void HttpTransport::listen()
{
    Exchange &exchange = open("GET", {});
    exchange.http = m_http.send(
        {.method = "GET",
         .url = m_url.toString(QUrl::FullyEncoded),
         .headers = headers("text/event-stream"),
         .body = {}},
        {[this, &exchange](int status, const llm::HttpHeaders &headers) { onHead(exchange, status, headers); },
         [this, &exchange](const QByteArray &bytes) { onBody(exchange, bytes); },
         [this, &exchange](const Result<> &outcome) { onEnd(exchange, outcome); }});
}

HttpTransport::Exchange &HttpTransport::open(const QByteArray &method, Message message)
{
    Exchange exchange;
    exchange.method = method;
    exchange.message = std::move(message);
    m_exchanges.push_back(std::move(exchange));
    return m_exchanges.back();
}

void HttpTransport::onHead(Exchange &exchange, int status, const llm::HttpHeaders &headers)
{
    exchange.status = status;
    exchange.isStream = status == 200 && valueOf(headers, "content-type").startsWith("text/event-stream");
    exchange.location = valueOf(headers, "location");
    if (const QByteArray id = valueOf(headers, "mcp-session-id"); !id.isEmpty())
        m_sessionId = id;
}

void HttpTransport::onBody(Exchange &exchange, const QByteArray &bytes)
{
    if (!exchange.isStream) {
        exchange.body += bytes;
        if (exchange.body.size() > m_limits.mcpMessageBytes)
            endTooLarge(exchange);
        return;
    }
    const QPointer<HttpTransport> alive(this); // a listener may have had enough of us
    const auto messages = exchange.parser.feed(bytes);
    exchange.unreadBytes = messages.empty() ? exchange.unreadBytes + bytes.size() : 0;
    const bool isTooLarge = exchange.unreadBytes > m_limits.mcpMessageBytes;
    for (const SseMessage &message : messages) {
        if (alive && !message.data.isEmpty())
            emit received(message.data);
    }
    if (isTooLarge)
        endTooLarge(exchange);
}

void HttpTransport::endTooLarge(Exchange &exchange)
{
    exchange.body.clear();
    onEnd(exchange, fail(Error::Kind::Protocol, exceeded(m_limits, &AnswerLimits::mcpMessageBytes)));
}

void HttpTransport::onEnd(Exchange &exchange, const Result<> &outcome)
{
    const Exchange ended = std::move(exchange);
    m_exchanges.remove_if([&exchange](const Exchange &each) { return &each == &exchange; });
    if (ended.method == "DELETE") {
        m_grace.start(0);
    } else if (ended.method == "POST" && !follows(ended.message, ended.status, ended.location)) {
        const bool isTooLarge = !outcome && outcome.error().kind == Error::Kind::Protocol;
        const QString between = isTooLarge ? u" "_s : u": "_s;
        const QString problem =
            outcome ? QString() : withoutUrlSecrets(m_url.toString()) + between + outcome.error().message;
        endPost(ended.message, isTooLarge ? tooLarge : ended.status, problem, ended.body);
    }
}

/// Whether the message was sent again, to where the server says it belongs: keys follow to the same host only.
bool HttpTransport::follows(const Message &message, int status, const QByteArray &location)
{
    const QUrl target = m_url.resolved(QUrl::fromEncoded(location));
    const bool isSame = target.scheme() == m_url.scheme() && target.authority() == m_url.authority();
    if ((status != 307 && status != 308) || location.isEmpty() || !isSame || message.attempt >= mostRedirects)
        return false;
    m_url = target;
    Message again = message;
    ++again.attempt;
    post(std::move(again));
    return true;
}

void HttpTransport::endPost(Message message, int status, const QString &problem, const QByteArray &body)
{
    const bool mayHeal = status == 0 || status >= 500; // what was too large will be so again
    if (!m_isEstablished && mayHeal && message.attempt < int(std::size(retryDelays))) {
        const auto delay = retryDelays[message.attempt++];
        QTimer::singleShot(delay, this, [this, message] { post(message); });
        return;
    }
    const QPointer<HttpTransport> alive(this);
    if (status == 404 && !m_sessionId.isEmpty() && !m_isClosing) {
        m_isClosing = true; // what it knew of us is gone
        emit closed(u"has forgotten the session: "_s + describeHttpFailure(status, m_url.toString(), body));
        return;
    }
    if (status >= 300 || status <= 0)
        giveUp(message, status <= 0 ? problem : describeHttpFailure(status, m_url.toString(), body));
    else if (!body.trimmed().isEmpty())
        emit received(body);
    if (!alive)
        return;
    m_isEstablished = true;
    if (message.id) { // should it still be waiting
        giveUp(message, problem.isEmpty() ? u"%1 ended its answer too early"_s.arg(m_url.toString()) : problem);
        return;
    }
    m_isNotifying = false;
    if (!std::exchange(m_listens, true))
        listen();
    postNext();
}

void HttpTransport::giveUp(const Message &message, const QString &why)
{
    if (message.id)
        emit failed(*message.id, why);
}

void HttpTransport::close()
{
    if (std::exchange(m_isClosing, true))
        return;
    m_held.clear();
    m_exchanges.clear();
    m_grace.start(m_sessionId.isEmpty() ? 0ms : closeGrace);
    if (m_sessionId.isEmpty())
        return;
    Exchange &exchange = open("DELETE", {});
    exchange.http = m_http.send(
        {.method = "DELETE", .url = m_url.toString(QUrl::FullyEncoded), .headers = headers(bothForms), .body = {}},
        {[](int, const llm::HttpHeaders &) {}, [](const QByteArray &) {},
         [this, &exchange](const Result<> &outcome) { onEnd(exchange, outcome); }});
}

} // namespace nightshift::mcp
