#include "transfers.h"
#include <array>
#include <sys/epoll.h>
#include <unistd.h>

namespace nightshift::curl {

Transfers::Transfers(int connections)
    : m_epoll(::epoll_create1(EPOLL_CLOEXEC))
    , m_multi(curl_multi_init())
    , m_ready(m_epoll, QSocketNotifier::Read)
{
    const auto set = [this](CURLMoption option, auto value) { curl_multi_setopt(m_multi, option, value); };
    set(CURLMOPT_SOCKETFUNCTION, &onSocket);
    set(CURLMOPT_SOCKETDATA, static_cast<void *>(this));
    set(CURLMOPT_TIMERFUNCTION, &onTimer);
    set(CURLMOPT_TIMERDATA, static_cast<void *>(this));
    set(CURLMOPT_MAX_HOST_CONNECTIONS, long(connections));
    set(CURLMOPT_MAXCONNECTS, long(connections)); // that stay open for the next request
    m_timer.setSingleShot(true);
    QObject::connect(&m_ready, &QSocketNotifier::activated, &m_ready, [this] { onReady(); });
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { onTimeout(); });
}

Transfers::~Transfers()
{
    for (const auto &[handle, transfer] : m_underWay)
        curl_multi_remove_handle(m_multi, handle);
    curl_multi_cleanup(m_multi);
    m_ready.setEnabled(false);
    ::close(m_epoll);
}

void Transfers::start(const std::shared_ptr<Transfer> &transfer)
{
    m_underWay.emplace(transfer->handle(), transfer);
    transfer->begin(m_news);
    curl_multi_add_handle(m_multi, transfer->handle());
}

void Transfers::cancel(Transfer &transfer)
{
    transfer.drop();
    const auto found = m_underWay.find(transfer.handle());
    if (found == m_underWay.end())
        return;
    curl_multi_remove_handle(m_multi, transfer.handle());
    m_underWay.erase(found);
}

void Transfers::letEnd(Transfer &transfer)
{
    constexpr auto patience = std::chrono::seconds(1);
    transfer.drop();
    const auto found = m_underWay.find(transfer.handle());
    if (found == m_underWay.end())
        return;
    QTimer::singleShot(patience, &m_timer, [this, late = std::weak_ptr(found->second)] {
        if (const auto still = late.lock())
            cancel(*still);
    });
}

int Transfers::onSocket(CURL *, curl_socket_t socket, int what, void *self, void *known)
{
    auto *transfers = static_cast<Transfers *>(self);
    epoll_event event{.events = 0, .data = {.fd = socket}};
    if (what & CURL_POLL_IN && what != CURL_POLL_REMOVE)
        event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT && what != CURL_POLL_REMOVE)
        event.events |= EPOLLOUT;
    const int operation = what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL : known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    ::epoll_ctl(transfers->m_epoll, operation, socket, &event);
    curl_multi_assign(transfers->m_multi, socket, what == CURL_POLL_REMOVE ? nullptr : self);
    return 0;
}

int Transfers::onTimer(CURLM *, long milliseconds, void *self)
{
    QTimer &timer = static_cast<Transfers *>(self)->m_timer;
    if (milliseconds < 0)
        timer.stop();
    else
        timer.start(std::chrono::milliseconds(milliseconds));
    return 0;
}

void Transfers::onReady()
{
    std::array<epoll_event, 64> ready; // what is left wakes us again
    const int count = ::epoll_wait(m_epoll, ready.data(), int(ready.size()), 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event &event = ready[size_t(i)];
        const int what = (event.events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                         (event.events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                         (event.events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        int running = 0;
        curl_multi_socket_action(m_multi, event.data.fd, what, &running);
    }
    passOn();
}

void Transfers::onTimeout()
{
    int running = 0;
    curl_multi_socket_action(m_multi, CURL_SOCKET_TIMEOUT, 0, &running);
    passOn();
}

void Transfers::takeEnds()
{
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(m_multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        const CURLcode code = message->data.result; // gone with the handle
        CURL *handle = message->easy_handle;
        const auto node = m_underWay.extract(handle);
        curl_multi_remove_handle(m_multi, handle);
        node.mapped()->end(code);
    }
}

/// Handlers may start and cancel transfers, ours among them.
void Transfers::passOn()
{
    takeEnds();
    for (const auto &transfer : std::exchange(m_news, {}))
        transfer->pass();
}

} // namespace nightshift::curl
