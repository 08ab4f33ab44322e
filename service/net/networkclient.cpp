#include "networkclient.h"
#include "base/credentials.h"
#include "domain/answerlimits.h"
#include "llm/proxies.h"
#include "net/log.h"
#include "net/nodelay.h"
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QPointer>
#include <QTimer>
#include <cstring>

using namespace Qt::StringLiterals;

namespace nightshift::net {

namespace {

using llm::HttpHandlers;
using llm::HttpHeaders;

/// What a handler gets at a time, of an answer that comes faster than it is read: as much as stays in the cache.
constexpr qint64 pieceBytes = 64 * 1024;

/// Reads one piece after the other, so that a long history is sent from where it lies.
class Pieces final : public QIODevice
{
public:
    explicit Pieces(std::vector<QByteArray> pieces)
        : m_pieces(std::move(pieces))
    {
        for (const QByteArray &piece : m_pieces)
            m_size += piece.size();
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    }
    qint64 size() const override { return m_size; }

    bool seek(qint64 position) override
    {
        QIODevice::seek(position);
        for (m_piece = 0; m_piece < m_pieces.size() && position >= m_pieces[m_piece].size(); ++m_piece)
            position -= m_pieces[m_piece].size();
        m_offset = position;
        return true;
    }

protected:
    qint64 readData(char *data, qint64 wanted) override
    {
        qint64 done = 0;
        while (done < wanted && m_piece < m_pieces.size()) {
            const QByteArray &piece = m_pieces[m_piece];
            const qint64 part = qMin(wanted - done, piece.size() - m_offset);
            std::memcpy(data + done, piece.constData() + m_offset, size_t(part));
            done += part;
            m_offset += part;
            if (m_offset == piece.size()) {
                ++m_piece;
                m_offset = 0;
            }
        }
        return done;
    }

    qint64 writeData(const char *, qint64) override { return -1; }

private:
    std::vector<QByteArray> m_pieces;
    size_t m_piece = 0;
    qint64 m_offset = 0;
    qint64 m_size = 0;
};

void end(QNetworkReply *reply)
{
    reply->abort();
    reply->deleteLater();
}

/// The end of an answer's body is about to come, and with it the connection is free again; a server that lets us wait
/// for it, or goes on talking, is cut off.
void letEnd(QNetworkReply *reply)
{
    constexpr auto patience = std::chrono::seconds(1);
    reply->setReadBufferSize(pieceBytes);
    QObject::connect(reply, &QNetworkReply::finished, reply, &QObject::deleteLater);
    QTimer::singleShot(patience, reply, &QNetworkReply::abort);
}

class NetworkExchange final : public QObject, public llm::HttpExchange
{
public:
    NetworkExchange(QNetworkReply *reply, HttpHandlers handlers, const AnswerLimits &limits, FloodWatch &watch)
        : m_handlers(std::move(handlers))
        , m_limits(limits)
        , m_watch(&watch)
        , m_watched(watch.enter([this](qint64 AnswerLimits::*limit) { refuse(limit); }))
        , m_reply(reply)
    {
        connect(reply, &QNetworkReply::readyRead, this, &NetworkExchange::onReadyRead);
        connect(reply, &QNetworkReply::finished, this, &NetworkExchange::onFinished);
        connect(reply, &QNetworkReply::socketStartedConnecting, this, [this] { m_connectionIsNew = true; });
        connect(reply, &QNetworkReply::requestSent, this, &NetworkExchange::onSent);
    }

    ~NetworkExchange() override
    {
        if (m_watch)
            m_watch->leave(m_watched);
        m_reply->disconnect(this);
        if (m_isConcluded && !m_reply->isFinished())
            letEnd(m_reply);
        else
            end(m_reply);
    }

    void conclude() override { m_isConcluded = true; }

private:
    void onSent()
    {
        if (std::exchange(m_connectionIsNew, false))
            sendWithoutDelay();
    }

    void onReadyRead()
    {
        const QPointer<NetworkExchange> alive(this); // a handler may delete us
        m_watch->noteProgress();
        passHead();
        if (alive && !m_isRefused)
            passBody();
    }

    void onFinished()
    {
        const QPointer<NetworkExchange> alive(this);
        const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        if (status != 0)
            passHead();
        if (alive && status != 0 && !m_isRefused)
            passBody();
        if (!alive || m_isRefused)
            return;
        // Once there was a status, an error of QNetworkReply may just repeat it.
        const bool complete = m_reply->error() == QNetworkReply::NoError || status >= 400;
        m_handlers.end(complete ? Result<>() : fail(Error::Kind::Network, withoutUrlSecrets(m_reply->errorString())));
    }

    void passHead()
    {
        if (std::exchange(m_headPassed, true))
            return;
        HttpHeaders headers;
        qint64 bytes = 0, longest = 0;
        for (const auto &[name, value] : m_reply->rawHeaderPairs()) {
            headers.emplace_back(name.toLower(), value);
            longest = qMax(longest, name.size() + value.size());
            bytes += name.size() + value.size();
        }
        if (longest > m_limits.headerLineBytes)
            return refuse(&AnswerLimits::headerLineBytes);
        if (bytes > m_limits.headerBytes)
            return refuse(&AnswerLimits::headerBytes);
        m_handlers.head(m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), headers);
    }

    /// Called from inside of its signals: what follows is the handler's last.
    void refuse(qint64 AnswerLimits::*limit)
    {
        if (std::exchange(m_isRefused, true))
            return;
        m_reply->disconnect(this);
        m_handlers.end(fail(Error::Kind::Protocol, exceeded(m_limits, limit)));
    }

    void passBody()
    {
        const QPointer<NetworkExchange> alive(this);
        while (alive && m_reply->bytesAvailable() > 0)
            m_handlers.body(m_reply->read(pieceBytes));
    }

    HttpHandlers m_handlers;
    const AnswerLimits m_limits;
    const QPointer<FloodWatch> m_watch;
    const int m_watched; ///< Our number there.
    QNetworkReply *m_reply;
    bool m_headPassed = false;
    bool m_connectionIsNew = false;
    bool m_isConcluded = false;
    bool m_isRefused = false;
};

QNetworkProxy proxyOf(const QUrl &url)
{
    if (url.isEmpty())
        return QNetworkProxy::NoProxy;
    const bool socks = url.scheme().startsWith("socks"_L1);
    return {socks ? QNetworkProxy::Socks5Proxy : QNetworkProxy::HttpProxy, url.host(), quint16(url.port()),
            url.userName(), url.password()};
}

} // namespace

NetworkClient::NetworkClient(const llm::NetworkOptions &options)
    : m_proxies(options.proxy)
    , m_watch(AnswerLimits())
{}

std::unique_ptr<llm::HttpExchange> NetworkClient::send(llm::HttpRequest request, HttpHandlers handlers)
{
    const QUrl url(request.url);
    QNetworkRequest http(url);
    for (const auto &[name, value] : request.headers)
        http.setRawHeader(name, value);
    http.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    http.setDecompressedSafetyCheckThreshold(-1); // long streams compress well; our readers are bounded
    qCDebug(netLog, "%s to %s", request.method.constData(), qUtf8Printable(url.host()));
    m_network.setProxy(proxyOf(llm::proxyFor(url, m_proxies)));
    auto *body = request.body.empty() ? nullptr : new Pieces(std::move(request.body));
    QNetworkReply *reply = m_network.sendCustomRequest(http, request.method, body);
    if (body)
        body->setParent(reply);
    return std::make_unique<NetworkExchange>(reply, std::move(handlers), AnswerLimits(), m_watch);
}

} // namespace nightshift::net
