#include "readiness.h"
#include <array>
#include <sys/epoll.h>
#include <unistd.h>

namespace nightshift::net {

Readiness::Readiness()
    : m_fd(::epoll_create1(EPOLL_CLOEXEC))
    , m_notifier(m_fd, QSocketNotifier::Read)
{
    QObject::connect(&m_notifier, &QSocketNotifier::activated, &m_notifier, [this] { onActivated(); });
}

Readiness::~Readiness()
{
    m_notifier.setEnabled(false);
    ::close(m_fd);
}

void Readiness::watch(int fd, Events events, Watcher &watcher)
{
    m_watched.insert_or_assign(fd, Watched{&watcher, ++m_last});
    control(EPOLL_CTL_ADD, fd, events, m_last);
}

void Readiness::change(int fd, Events events)
{
    control(EPOLL_CTL_MOD, fd, events, m_watched.at(fd).number);
}

void Readiness::forget(int fd)
{
    m_watched.erase(fd);
    control(EPOLL_CTL_DEL, fd, 0, 0);
}

void Readiness::control(int operation, int fd, Events events, quint32 number)
{
    epoll_event event{.events = events, .data = {.u64 = quint64(number) << 32 | quint32(fd)}};
    ::epoll_ctl(m_fd, operation, fd, &event);
}

void Readiness::onActivated()
{
    std::array<epoll_event, 64> ready; // what is left wakes us again
    const int count = ::epoll_wait(m_fd, ready.data(), int(ready.size()), 0);
    for (int i = 0; i < count; ++i) {
        // The one before may have closed this one.
        const auto found = m_watched.find(int(ready[size_t(i)].data.u64 & 0xffffffff));
        if (found != m_watched.end() && found->second.number == ready[size_t(i)].data.u64 >> 32)
            found->second.watcher->onReady(ready[size_t(i)].events);
    }
}

} // namespace nightshift::net
