#pragma once
#include "http/connection.h"
#include "http/listener.h"
#include "http/tlsfiles.h"

namespace nightshift::http {

/// Clients of any number of listening sockets, Unix or TCP, ours or systemd's.
class Server : public QObject
{
    Q_OBJECT

public:
    /// The service outlives it. `uploadFolder` takes large bodies while they arrive.
    Server(Service &service, Limits limits, QString uploadFolder);
    ~Server() override;

    /// Takes clients from a listening socket from now on.
    void listen(Descriptor fd);
    /// Clients over TCP speak TLS from now on.
    void secure(TlsFiles tls) { m_tls = std::move(tls); }
    bool isSecure() const { return m_tls.has_value(); }
    /// Counts there what its clients do; they outlive it.
    void measure(Metrics &metrics);
    /// Tokens may be others than they were: answers under way for those that are, end.
    void recheckTokens();
    /// No new clients; those who wait get what there is, streams end, answers under way are finished.
    void close();

    /// Over a Unix socket only processes of this user are heard; ours, unless a test says otherwise.
    uint user;

    quint16 port() const; ///< Of the first TCP socket; 0 when there is none.
    qsizetype connections() const { return qsizetype(m_connections.size()); }
    int streams() const { return m_shared.streams.count(); }

signals:
    /// After close(): the last client is gone.
    void closed();

private:
    void onAccepted(int fd);
    void onGone(Connection *connection);
    QTcpSocket *newSocket(int fd);
    bool makeRoom();

    Shared m_shared;
    std::optional<TlsFiles> m_tls;
    std::vector<Listener *> m_listeners;
    std::vector<Connection *> m_connections; ///< In the order they came.
    bool m_closing = false;
};

} // namespace nightshift::http
