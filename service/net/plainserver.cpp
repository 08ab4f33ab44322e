#include "plainserver.h"
#include <QHostInfo>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::net {

constexpr auto maxIdle = std::chrono::seconds(30); // less than what servers and routers keep idle connections for

PlainServer::PlainServer(Readiness &readiness, const QString &host, quint16 port, int most)
    : m_readiness(readiness)
    , m_host(host)
    , m_port(port)
    , m_most(most)
{
    connect(&m_sweep, &QTimer::timeout, this, &PlainServer::sweep);
}

PlainServer::~PlainServer() = default;

void PlainServer::send(const std::shared_ptr<PlainRequest> &request)
{
    m_waiting.push_back(request);
    goOn();
}

std::shared_ptr<PlainRequest> PlainServer::takeWaiting()
{
    while (!m_waiting.empty()) {
        const std::shared_ptr<PlainRequest> request = std::move(m_waiting.front());
        m_waiting.pop_front();
        if (!request->isDropped)
            return request;
    }
    return {};
}

/// Every request that waits has a connection to come, as long as there may be more.
void PlainServer::goOn()
{
    while (!m_free.empty()) {
        const auto request = takeWaiting();
        if (!request)
            return;
        PlainConnection *connection = m_free.back();
        m_free.pop_back();
        connection->serve(request);
    }
    while (m_lookups < qsizetype(m_waiting.size()) && m_lookups + qsizetype(m_connections.size()) < m_most)
        lookUp();
}

void PlainServer::lookUp()
{
    ++m_lookups;
    if (const QHostAddress address(m_host); !address.isNull())
        return open({address});
    QHostInfo::lookupHost(m_host, this, [this](const QHostInfo &info) { open(info.addresses()); });
}

void PlainServer::open(const QList<QHostAddress> &addresses)
{
    --m_lookups;
    const auto request = takeWaiting();
    if (!request)
        return; // another connection was free before
    if (addresses.isEmpty())
        return request->handlers.end(fail(Error::Kind::Network, u"Host %1 not found"_s.arg(m_host)));
    m_connections.push_back(std::make_unique<PlainConnection>(m_readiness, *this, addresses, m_port));
    m_connections.back()->serve(request);
}

void PlainServer::onFree(PlainConnection *connection)
{
    m_free.push_back(connection);
    if (!m_sweep.isActive())
        m_sweep.start(maxIdle);
    goOn();
}

void PlainServer::onGone(PlainConnection *connection, const std::shared_ptr<PlainRequest> &again)
{
    std::erase(m_free, connection);
    const auto owned = std::ranges::find(m_connections, connection, &std::unique_ptr<PlainConnection>::get);
    if (owned != m_connections.end()) {
        owned->release()->setParent(this);
        connection->deleteLater(); // it is what called us
        m_connections.erase(owned);
    }
    if (again)
        m_waiting.push_front(again);
    goOn();
}

void PlainServer::sweep()
{
    const auto longAgo = PlainConnection::Clock::now() - maxIdle;
    const std::vector<PlainConnection *> free = m_free;
    for (PlainConnection *connection : free) {
        if (connection->freeSince() < longAgo)
            connection->close();
    }
    if (m_free.empty())
        m_sweep.stop();
}

} // namespace nightshift::net
