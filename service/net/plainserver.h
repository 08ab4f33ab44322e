#pragma once
#include "net/plainconnection.h"
#include <deque>

namespace nightshift::net {

/// A server, the connections to it, and the requests that wait for one.
class PlainServer final : public QObject, public PlainConnection::Pool
{
public:
    /// There are never more than `most` connections.
    PlainServer(Readiness &readiness, const QString &host, quint16 port, int most);
    ~PlainServer() override;

    void send(const std::shared_ptr<PlainRequest> &request);

private:
    void onFree(PlainConnection *connection) override;
    void onGone(PlainConnection *connection, const std::shared_ptr<PlainRequest> &again) override;
    std::shared_ptr<PlainRequest> takeWaiting();
    void goOn();
    void lookUp();
    void open(const QList<QHostAddress> &addresses);
    void sweep();

    Readiness &m_readiness;
    const QString m_host;
    const quint16 m_port;
    const qsizetype m_most;
    qsizetype m_lookups = 0; ///< Under way.
    std::vector<std::unique_ptr<PlainConnection>> m_connections;
    std::vector<PlainConnection *> m_free; ///< The one that was used last comes last.
    std::deque<std::shared_ptr<PlainRequest>> m_waiting;
    QTimer m_sweep;
};

} // namespace nightshift::net
