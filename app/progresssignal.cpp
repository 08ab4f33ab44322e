#include "progresssignal.h"
#include <QSocketNotifier>
#include <csignal>
#include <sys/eventfd.h>
#include <unistd.h>

namespace nightshift::app {

static int wakeUp = -1; // all that a signal handler can reach

/// Only what is async-signal-safe. Source: signal-safety(7).
static void onSignal(int)
{
    constexpr quint64 once = 1;
    (void)!write(wakeUp, &once, sizeof once);
}

ProgressSignal::ProgressSignal(QObject *parent)
    : QObject(parent)
    , m_readEnd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    wakeUp = m_readEnd;
    auto *notifier = new QSocketNotifier(m_readEnd, QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, [this] {
        quint64 times = 0;
        if (read(m_readEnd, &times, sizeof times) > 0)
            emit received();
    });
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
}

ProgressSignal::~ProgressSignal()
{
    std::signal(SIGUSR1, SIG_IGN);
    close(m_readEnd);
    wakeUp = -1;
}

} // namespace nightshift::app
