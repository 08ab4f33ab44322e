#pragma once
#include "curl/transfer.h"
#include <QSocketNotifier>
#include <QTimer>
#include <unordered_map>

namespace nightshift::curl {

/// The transfers under way, driven by the event loop of the thread that made it: libcurl says what it waits for, and
/// is called when that has come. Its sockets are told of through one descriptor, since Qt's loop asks the kernel about
/// each of its own every time it wakes.
class Transfers final
{
public:
    /// To one server at a time there are never more than so many connections; what is asked beyond that waits.
    explicit Transfers(int connections);
    ~Transfers();
    Q_DISABLE_COPY_MOVE(Transfers)

    void start(const std::shared_ptr<Transfer> &transfer);
    /// Cuts its connection; calls no handler.
    void cancel(Transfer &transfer);
    /// Calls no handler, and lets the rest of the answer pass, so that its connection serves the next request. A
    /// server that lets us wait for the end is cut off.
    void letEnd(Transfer &transfer);

private:
    static int onSocket(CURL *handle, curl_socket_t socket, int what, void *self, void *known);
    static int onTimer(CURLM *multi, long milliseconds, void *self);
    void onReady();
    void onTimeout();
    void takeEnds();
    void passOn();

    const int m_epoll;
    CURLM *m_multi;
    QSocketNotifier m_ready;
    QTimer m_timer;
    std::unordered_map<CURL *, std::shared_ptr<Transfer>> m_underWay;
    Transfer::List m_news;
};

} // namespace nightshift::curl
