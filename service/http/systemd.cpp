#include "systemd.h"
#include <cstddef>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace nightshift::http {

static QByteArray takeVariable(const char *name)
{
    const QByteArray value = qgetenv(name);
    qunsetenv(name);
    return value;
}

static bool isForUs(const QByteArray &pid)
{
    return pid.toLongLong() == ::getpid();
}

std::vector<Descriptor> inheritedSockets()
{
    constexpr int first = 3; // SD_LISTEN_FDS_START
    const QByteArray pid = takeVariable("LISTEN_PID"), count = takeVariable("LISTEN_FDS");
    takeVariable("LISTEN_FDNAMES");
    std::vector<Descriptor> sockets;
    for (int fd = first; isForUs(pid) && fd < first + count.toInt(); ++fd) {
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
        sockets.emplace_back(fd);
    }
    return sockets;
}

Supervisor::Supervisor(QObject *parent)
    : QObject(parent)
    , m_path(takeVariable("NOTIFY_SOCKET"))
{
    connect(&m_watchdog, &QTimer::timeout, this, [this] { notify("WATCHDOG=1"); });
    const QByteArray pid = takeVariable("WATCHDOG_PID");
    const auto interval = std::chrono::microseconds(takeVariable("WATCHDOG_USEC").toLongLong());
    if (!m_path.isEmpty() && interval.count() > 0 && (pid.isEmpty() || isForUs(pid)))
        m_watchdog.start(std::chrono::duration_cast<std::chrono::milliseconds>(interval) /
                         2); // as sd_watchdog_enabled(3) advises
}

void Supervisor::ready(const QByteArray &status)
{
    notify("READY=1\nSTATUS=" + status);
}

void Supervisor::status(const QByteArray &status)
{
    notify("STATUS=" + status);
}

void Supervisor::reloading()
{
    timespec now = {};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    notify("RELOADING=1\nMONOTONIC_USEC=" + QByteArray::number(now.tv_sec * 1'000'000LL + now.tv_nsec / 1'000));
}

void Supervisor::stopping()
{
    notify("STOPPING=1");
}

void Supervisor::notify(const QByteArray &state) const
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (m_path.isEmpty() || size_t(m_path.size()) >= sizeof address.sun_path)
        return;
    std::memcpy(address.sun_path, m_path.constData(), size_t(m_path.size()));
    if (m_path.startsWith('@'))
        address.sun_path[0] = '\0'; // an abstract name
    const Descriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const socklen_t length = socklen_t(offsetof(sockaddr_un, sun_path) + size_t(m_path.size()));
    ::sendto(fd.get(), state.constData(), size_t(state.size()), MSG_NOSIGNAL, reinterpret_cast<sockaddr *>(&address),
             length);
}

} // namespace nightshift::http
