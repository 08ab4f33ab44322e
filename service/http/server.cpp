#include "server.h"
#include "http/peerprocess.h"
#include "http/plainsocket.h"
#include <QSslSocket>
#include <algorithm>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::http {

constexpr int farewells = 32; // clients beyond the limit that are told so; further ones are just closed

Server::Server(Service &service, Limits limits, QString uploadFolder)
    : user(::geteuid())
    , m_shared{service, limits, std::move(uploadFolder)}
{}

Server::~Server()
{
    for (Connection *connection : std::exchange(m_connections, {}))
        delete connection; // before what they share
}

void Server::listen(Descriptor fd)
{
    auto *listener = new Listener(std::move(fd), this);
    connect(listener, &Listener::accepted, this, &Server::onAccepted);
    m_listeners.push_back(listener);
}

void Server::measure(Metrics &metrics)
{
    m_shared.metrics = &metrics;
    metrics.watch(Metric::SseStreams, [this] { return std::map<Metrics::Labels, double>{{{}, streams()}}; });
}

quint16 Server::port() const
{
    for (const Listener *listener : m_listeners) {
        if (const quint16 port = portOf(listener->fd()))
            return port;
    }
    return 0;
}

void Server::onAccepted(int fd)
{
    Descriptor descriptor(fd);
    const bool local = isUnixSocket(fd);
    if (local && userOf(fd) != user)
        return qWarning("a client of another user was turned away");
    if (connections() >= m_shared.limits.connections + farewells)
        return;
    const bool room = makeRoom();
    QTcpSocket *socket = newSocket(fd);
    if (!socket)
        return;
    descriptor.take();
    if (!local) {
        socket->setSocketOption(QAbstractSocket::LowDelayOption, 1); // answers are written in one piece
        socket->setSocketOption(QAbstractSocket::KeepAliveOption, 1);
    }
    const bool isOurUser = local && isInOurNamespaces(fd);
    auto *connection = new Connection(socket, {isOurUser, socket->peerAddress().toString()}, m_shared, this);
    m_connections.push_back(connection);
    connect(connection, &Connection::gone, this, [this, connection] { onGone(connection); });
    if (!room)
        connection->turnAway({ProblemCode::TooManyConnections, u"%1 are open"_s.arg(m_shared.limits.connections)});
}

/// Null when the descriptor is no good any more.
QTcpSocket *Server::newSocket(int fd)
{
    const bool secure = m_tls && !isUnixSocket(fd);
    std::unique_ptr<QTcpSocket> socket(secure ? static_cast<QTcpSocket *>(new QSslSocket) : new PlainSocket);
    if (!socket->setSocketDescriptor(fd))
        return nullptr;
    if (secure) {
        auto *tls = static_cast<QSslSocket *>(socket.get());
        tls->setSslConfiguration(m_tls->current());
        tls->startServerEncryption();
    }
    return socket.release();
}

/// Gives up the connection that is idle for the longest time, when there are too many.
bool Server::makeRoom()
{
    if (connections() < m_shared.limits.connections)
        return true;
    const auto idle = std::ranges::find_if(m_connections, &Connection::isIdle);
    if (idle == m_connections.end())
        return false;
    Connection *oldest = *idle;
    oldest->disconnect(this);
    onGone(oldest);
    return true;
}

void Server::onGone(Connection *connection)
{
    std::erase(m_connections, connection);
    connection->deleteLater();
    if (m_closing && m_connections.empty())
        emit closed();
}

void Server::recheckTokens()
{
    const std::vector<Connection *> connections = m_connections; // some leave meanwhile
    for (Connection *connection : connections)
        connection->recheckToken();
}

void Server::close()
{
    m_closing = true;
    for (Listener *listener : std::exchange(m_listeners, {}))
        delete listener;
    const std::vector<Connection *> connections = m_connections;
    for (Connection *connection : connections)
        connection->close();
    if (m_connections.empty())
        QMetaObject::invokeMethod(this, &Server::closed, Qt::QueuedConnection);
}

} // namespace nightshift::http
