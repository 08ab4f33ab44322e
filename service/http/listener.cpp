#include "listener.h"
#include <QFile>
#include <QTimer>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::http {

constexpr int backlog = 128;

Descriptor::~Descriptor()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

static std::unexpected<Error> systemFailure(const QString &what)
{
    return fail(Error::Kind::Internal, u"%1: %2"_s.arg(what, QString::fromLocal8Bit(std::strerror(errno))));
}

Result<TcpAddress> readTcpAddress(const QString &text)
{
    const qsizetype colon = text.lastIndexOf(u':');
    QString host = text.first(std::max<qsizetype>(colon, 0));
    bool isNumber = false;
    const quint16 port = text.sliced(colon + 1).toUShort(&isNumber);
    const bool bracketed = host.startsWith(u'[') && host.endsWith(u']');
    if (host.isEmpty() || !isNumber || (host.contains(u':') && !bracketed))
        return fail(Error::Kind::Invalid, u"%1 is not HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080"_s.arg(text));
    if (bracketed)
        host = host.sliced(1, host.size() - 2);
    return TcpAddress{host == u"localhost"_s ? QByteArray("127.0.0.1") : host.toLatin1(), port};
}

Result<Descriptor> listenOnTcp(const TcpAddress &address)
{
    const QString name = u"%1 port %2"_s.arg(QLatin1StringView(address.host)).arg(address.port);
    addrinfo wanted = {}, *found = nullptr;
    wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    wanted.ai_socktype = SOCK_STREAM;
    if (::getaddrinfo(address.host.constData(), QByteArray::number(address.port).constData(), &wanted, &found) != 0)
        return fail(Error::Kind::Invalid, u"%1 is no numeric address"_s.arg(QLatin1StringView(address.host)));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    Descriptor fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); // a restart need not wait for old connections
    if (found->ai_family == AF_INET6)
        ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (fd.get() < 0 || ::bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd.get(), backlog) != 0)
        return systemFailure(u"cannot listen on "_s + name);
    return fd;
}

/// Whether somebody serves there. Of a server that was killed, children may be left that have not become their programs
/// yet, and share all it had open till then: those are waited for, for what it held besides is theirs as well.
static bool isServed(const sockaddr_un &address)
{
    constexpr int patience = 1000; // times 10 ms: how long the system may take to run a child at all
    for (int tries = 0; tries < patience; ++tries) {
        const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::connect(probe.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
            return false;
        ucred listener = {};
        socklen_t length = sizeof listener;
        ::getsockopt(probe.get(), SOL_SOCKET, SO_PEERCRED, &listener, &length);
        if (listener.pid <= 0 || ::kill(listener.pid, 0) == 0 || errno != ESRCH)
            return true;
        ::usleep(10'000);
    }
    return true;
}

Result<Descriptor> listenOnUnix(const QString &path)
{
    const QByteArray file = QFile::encodeName(path);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (size_t(file.size()) >= sizeof address.sun_path)
        return fail(Error::Kind::Invalid, u"%1 is too long for the path of a socket"_s.arg(path));
    std::memcpy(address.sun_path, file.constData(), size_t(file.size()));
    const auto *generic = reinterpret_cast<const sockaddr *>(&address);

    struct stat status = {};
    if (::lstat(file.constData(), &status) == 0) {
        if (!S_ISSOCK(status.st_mode) || isServed(address))
            return fail(Error::Kind::Denied, u"%1 is in use"_s.arg(path));
        ::unlink(file.constData());
    }
    Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // Nobody can connect before listen(), so there is no moment at which others could.
    if (fd.get() < 0 || ::bind(fd.get(), generic, sizeof address) != 0 || ::chmod(file.constData(), 0600) != 0 ||
        ::listen(fd.get(), backlog) != 0)
        return systemFailure(u"cannot listen on "_s + path);
    return fd;
}

static sockaddr_storage nameOf(int fd)
{
    sockaddr_storage address = {};
    socklen_t length = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length);
    return address;
}

quint16 portOf(int fd)
{
    const sockaddr_storage address = nameOf(fd);
    if (address.ss_family == AF_INET)
        return ntohs(reinterpret_cast<const sockaddr_in &>(address).sin_port);
    return address.ss_family == AF_INET6 ? ntohs(reinterpret_cast<const sockaddr_in6 &>(address).sin6_port) : 0;
}

bool isUnixSocket(int fd)
{
    return nameOf(fd).ss_family == AF_UNIX;
}

std::optional<uint> userOf(int fd)
{
    ucred peer = {};
    socklen_t length = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || length != sizeof peer)
        return {};
    return peer.uid;
}

Listener::Listener(Descriptor fd, QObject *parent)
    : QObject(parent)
    , m_fd(std::move(fd))
    , m_notifier(m_fd.get(), QSocketNotifier::Read)
{
    connect(&m_notifier, &QSocketNotifier::activated, this, &Listener::onReadable);
}

void Listener::onReadable()
{
    const int fd = ::accept4(m_fd.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        emit accepted(fd);
    } else if (errno == EMFILE || errno == ENFILE) {
        // The client stays in the queue and would wake us again at once.
        m_notifier.setEnabled(false);
        QTimer::singleShot(100, this, [this] { m_notifier.setEnabled(true); });
    }
}

} // namespace nightshift::http
