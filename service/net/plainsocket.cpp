#include "plainsocket.h"
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::net {

constexpr auto patience = std::chrono::seconds(2); // with an address, while there are others to try
constexpr size_t readBytes = 64 * 1024;            // at a time, as much as stays in the cache

static QString wordsOf(int error)
{
    return QString::fromLocal8Bit(std::strerror(error));
}

static socklen_t toSocketAddress(const QHostAddress &address, quint16 port, sockaddr_storage &storage)
{
    if (address.protocol() == QAbstractSocket::IPv4Protocol) {
        auto &v4 = reinterpret_cast<sockaddr_in &>(storage);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        v4.sin_addr.s_addr = htonl(address.toIPv4Address());
        return sizeof v4;
    }
    auto &v6 = reinterpret_cast<sockaddr_in6 &>(storage);
    const Q_IPV6ADDR bytes = address.toIPv6Address();
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_scope_id = address.scopeId().toUInt();
    std::memcpy(&v6.sin6_addr, &bytes, sizeof bytes);
    return sizeof v6;
}

PlainSocket::PlainSocket(Readiness &readiness, Owner &owner)
    : m_readiness(readiness)
    , m_owner(owner)
{
    m_patience.setSingleShot(true);
    QObject::connect(&m_patience, &QTimer::timeout, &m_patience, [this] {
        m_problem = wordsOf(ETIMEDOUT);
        connectToNext();
    });
}

void PlainSocket::close()
{
    m_patience.stop();
    m_isConnected = m_isBlocked = false;
    if (m_fd < 0)
        return;
    m_readiness.forget(m_fd);
    ::close(std::exchange(m_fd, -1));
}

void PlainSocket::connectTo(const QList<QHostAddress> &addresses, quint16 port)
{
    m_addresses = addresses;
    m_port = port;
    connectToNext();
}

void PlainSocket::connectToNext()
{
    close();
    while (!m_addresses.isEmpty()) {
        if (!beginTo(m_addresses.takeFirst()))
            continue;
        if (!m_addresses.isEmpty())
            m_patience.start(patience);
        return;
    }
    m_owner.onLost(m_problem);
}

bool PlainSocket::beginTo(const QHostAddress &address)
{
    sockaddr_storage name{};
    const socklen_t size = toSocketAddress(address, m_port, name);
    const int fd = ::socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || (::connect(fd, reinterpret_cast<const sockaddr *>(&name), size) != 0 && errno != EINPROGRESS)) {
        m_problem = wordsOf(errno);
        if (fd >= 0)
            ::close(fd);
        return false;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // the end of a request would wait for the server
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    m_fd = fd;
    m_readiness.watch(fd, EPOLLOUT, *this);
    return true;
}

void PlainSocket::onReady(Readiness::Events events)
{
    if (!m_isConnected)
        return onConnected();
    if (events & EPOLLOUT)
        flush();
    if (events & ~Readiness::Events(EPOLLOUT))
        receive();
}

void PlainSocket::onConnected()
{
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(m_fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        m_problem = wordsOf(error);
        return connectToNext();
    }
    m_patience.stop();
    m_addresses.clear();
    m_isConnected = true;
    m_readiness.change(m_fd, EPOLLIN);
    flush();
}

void PlainSocket::receive()
{
    char bytes[readBytes];
    const ssize_t size = ::recv(m_fd, bytes, sizeof bytes, 0);
    if (size > 0)
        return m_owner.onReceived(QByteArray(bytes, size));
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    const QString why = size == 0 ? u"Connection closed"_s : wordsOf(errno);
    close();
    m_owner.onLost(why);
}

void PlainSocket::send(std::vector<QByteArray> pieces)
{
    std::ranges::move(pieces, std::back_inserter(m_pieces));
    if (m_isConnected && !m_isBlocked)
        flush();
}

void PlainSocket::flush()
{
    while (m_piece < m_pieces.size()) {
        std::array<iovec, 32> parts;
        size_t count = 0;
        qsizetype offset = m_offset;
        for (size_t i = m_piece; i < m_pieces.size() && count < parts.size(); ++i, offset = 0)
            parts[count++] = {const_cast<char *>(m_pieces[i].constData()) + offset,
                              size_t(m_pieces[i].size() - offset)};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        const ssize_t sent = ::sendmsg(m_fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN) {
            m_isBlocked = true;
            return m_readiness.change(m_fd, EPOLLIN | EPOLLOUT);
        }
        if (sent < 0)
            return; // why is what reading tells, after the answer that may be there
        skip(sent);
    }
    m_pieces.clear();
    m_piece = 0;
    if (std::exchange(m_isBlocked, false))
        m_readiness.change(m_fd, EPOLLIN);
}

void PlainSocket::skip(qsizetype sent)
{
    while (m_piece < m_pieces.size() && m_pieces[m_piece].size() - m_offset <= sent) {
        sent -= m_pieces[m_piece].size() - m_offset;
        m_offset = 0;
        m_pieces[m_piece++] = {};
    }
    m_offset += sent;
}

} // namespace nightshift::net
