#pragma once
#include "support/program.h"
#include <QSocketNotifier>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

namespace nightshift::test {

/// A terminal that the stderr of the program's next runs is connected to. It shows bytes as they were written.
class Terminal
{
public:
    explicit Terminal(Program &program)
        : m_master(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC))
        , m_notifier(m_master, QSocketNotifier::Read)
    {
        ::grantpt(m_master);
        ::unlockpt(m_master);
        m_slave = ::open(::ptsname(m_master), O_RDWR | O_NOCTTY | O_CLOEXEC);
        termios mode{};
        ::tcgetattr(m_slave, &mode);
        ::cfmakeraw(&mode);
        ::tcsetattr(m_slave, TCSANOW, &mode);
        program.inChild = [slave = m_slave] { ::dup2(slave, STDERR_FILENO); };
        QObject::connect(&m_notifier, &QSocketNotifier::activated, &m_notifier, [this] { drain(); });
    }
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;

    ~Terminal()
    {
        m_notifier.setEnabled(false);
        ::close(m_slave);
        ::close(m_master);
    }

    /// All that was written so far.
    QByteArray read()
    {
        drain();
        return m_shown;
    }

private:
    void drain()
    {
        char bytes[4096];
        for (ssize_t count = 0; (count = ::read(m_master, bytes, sizeof bytes)) > 0;)
            m_shown.append(bytes, count);
    }

    int m_master;
    int m_slave = -1;
    QSocketNotifier m_notifier;
    QByteArray m_shown;
};

} // namespace nightshift::test
