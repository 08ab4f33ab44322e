#include "unixsignals.h"
#include <QSocketNotifier>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace nightshift::app {

static constexpr int handled[] = {SIGINT, SIGTERM, SIGHUP};
static int writeEnd = -1; // all that a signal handler can reach
static bool hangupIsNews = false;

static void setHandler(int signal, void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
}

static bool hasHandler(int signal, void (*handler)(int))
{
    struct sigaction action = {};
    return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == handler;
}

/// Only what is async-signal-safe. Source: signal-safety(7).
static void onSignal(int signal)
{
    const int savedErrno = errno;
    for (int each : handled) {
        if (hasHandler(each, onSignal) && !(hangupIsNews && (signal == SIGHUP || each == SIGHUP)))
            setHandler(each, SIG_DFL);
    }
    const char byte = char(signal);
    (void)!write(writeEnd, &byte, 1);
    errno = savedErrno;
}

UnixSignals::UnixSignals(QObject *parent, Hangup hangup)
    : QObject(parent)
{
    hangupIsNews = hangup == Hangup::IsNews;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
        qFatal("no pipe for signals: %s", strerror(errno));
    m_readEnd = ends[0];
    writeEnd = ends[1];
    auto *notifier = new QSocketNotifier(m_readEnd, QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, &UnixSignals::onReadable);
    for (int signal : handled) {
        if (!hasHandler(signal, SIG_IGN))
            setHandler(signal, onSignal);
    }
}

UnixSignals::~UnixSignals()
{
    for (int signal : handled) {
        if (hasHandler(signal, onSignal))
            setHandler(signal, SIG_DFL);
    }
    close(m_readEnd);
    close(writeEnd);
    writeEnd = -1;
}

void UnixSignals::onReadable()
{
    char signal = 0;
    while (read(m_readEnd, &signal, 1) == 1)
        emit received(signal);
}

} // namespace nightshift::app
