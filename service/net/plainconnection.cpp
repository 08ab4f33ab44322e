#include "plainconnection.h"

using namespace Qt::StringLiterals;

namespace nightshift::net {

PlainConnection::PlainConnection(Readiness &readiness, Pool &pool, const QList<QHostAddress> &addresses, quint16 port)
    : m_pool(pool)
    , m_socket(readiness, *this)
{
    QMetaObject::invokeMethod(
        this, [this, addresses, port] { m_socket.connectTo(addresses, port); }, Qt::QueuedConnection);
}

PlainConnection::~PlainConnection()
{
    if (m_request)
        m_request->connection = nullptr;
}

void PlainConnection::serve(const std::shared_ptr<PlainRequest> &request)
{
    m_request = request;
    m_request->connection = this;
    m_reader = AnswerReader(request->method);
    m_socket.send(request->pieces);
}

void PlainConnection::onDropped()
{
    constexpr auto patience = std::chrono::seconds(1);
    if (!m_request->isConcluded)
        return release(false);
    QTimer::singleShot(patience, this, [this, request = m_request] {
        if (m_request == request)
            release(false);
    });
}

void PlainConnection::onReceived(QByteArray bytes)
{
    if (!m_request)
        return close(); // it says what nobody asked
    const std::shared_ptr<PlainRequest> request = m_request;
    const auto tell = [&request](const auto &handler, const auto &...what) {
        if (!request->isDropped)
            handler(what...);
    };
    if (m_received.isEmpty())
        m_received = std::move(bytes);
    else
        m_received += bytes;
    request->pieces.clear();
    const bool isFirst = !m_reader.hasHead();
    QByteArray body;
    const Result<> read = m_reader.read(m_received, body);
    const bool ends = !read || m_reader.isComplete();
    const int status = isFirst ? m_reader.status() : 0;
    const llm::HttpHeaders headers = status != 0 ? m_reader.headers() : llm::HttpHeaders();
    if (ends) // first, for who hears of the end may ask again
        release(read && m_reader.keepsConnection());
    if (status != 0)
        tell(request->handlers.head, status, headers);
    if (!body.isEmpty())
        tell(request->handlers.body, body);
    if (ends)
        tell(request->handlers.end, read);
}

void PlainConnection::onLost(const QString &why)
{
    const std::shared_ptr<PlainRequest> request = m_request;
    const bool isEnd = m_reader.lastsUntilClosed();
    // The server closed it while our request was on its way.
    const bool isTooLate = request && m_hasServed && !request->pieces.empty() && !request->isDropped;
    leave(isTooLate ? request : nullptr);
    if (request && !isTooLate && !request->isDropped)
        request->handlers.end(isEnd ? Result<>() : fail(Error::Kind::Network, why));
}

void PlainConnection::release(bool isReusable)
{
    if (!isReusable || !m_received.isEmpty() || !m_socket.hasSentAll())
        return close();
    m_request->connection = nullptr;
    m_request.reset();
    m_hasServed = true;
    m_freeSince = Clock::now();
    m_pool.onFree(this);
}

void PlainConnection::leave(const std::shared_ptr<PlainRequest> &again)
{
    m_socket.close();
    if (m_request)
        m_request->connection = nullptr;
    m_request.reset();
    m_pool.onGone(this, again);
}

} // namespace nightshift::net
