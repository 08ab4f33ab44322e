#pragma once
#include "http/listener.h"
#include <QTimer>

namespace nightshift::http {

/// The listening sockets that systemd opened for us, its variables removed so that children do not take them for
/// theirs. Source: sd_listen_fds(3).
std::vector<Descriptor> inheritedSockets();

/// Tells systemd how we are; nothing when nobody asked. Source: sd_notify(3).
class Supervisor : public QObject
{
    Q_OBJECT

public:
    /// Reads and removes the variables, and answers the watchdog as long as the event loop turns.
    explicit Supervisor(QObject *parent = nullptr);

    void ready(const QByteArray &status);
    void status(const QByteArray &status);
    void reloading();
    void stopping();

private:
    void notify(const QByteArray &state) const;

    QByteArray m_path;
    QTimer m_watchdog;
};

} // namespace nightshift::http
