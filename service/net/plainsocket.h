#pragma once
#include "net/readiness.h"
#include <QHostAddress>
#include <QTimer>
#include <vector>

namespace nightshift::net {

/// A TCP connection without TLS, on the loop's own thread and without buffers of its own.
class PlainSocket final : private Readiness::Watcher
{
public:
    class Owner
    {
    public:
        virtual void onReceived(QByteArray bytes) = 0;
        /// Never connected, or the other side closed it, or it broke; the socket is closed.
        virtual void onLost(const QString &why) = 0;

    protected:
        ~Owner() = default;
    };

    PlainSocket(Readiness &readiness, Owner &owner);
    ~PlainSocket() { close(); }
    Q_DISABLE_COPY_MOVE(PlainSocket)

    /// Tries one address after the other. What is sent meanwhile goes out then. Not for use from where onLost() must
    /// not come.
    void connectTo(const QList<QHostAddress> &addresses, quint16 port);
    /// The pieces are shared, not copied, until the kernel has them.
    void send(std::vector<QByteArray> pieces);
    bool hasSentAll() const { return m_pieces.empty(); }
    void close();

private:
    void onReady(Readiness::Events events) override;
    void connectToNext();
    bool beginTo(const QHostAddress &address);
    void onConnected();
    void receive();
    void flush();
    void skip(qsizetype sent);

    Readiness &m_readiness;
    Owner &m_owner;
    QList<QHostAddress> m_addresses; ///< Not tried yet.
    quint16 m_port = 0;
    QString m_problem; ///< With the address before.
    QTimer m_patience; ///< With an address, when there are others.
    int m_fd = -1;
    bool m_isConnected = false;
    bool m_isBlocked = false;         ///< The kernel takes no more for now.
    std::vector<QByteArray> m_pieces; ///< To be sent.
    size_t m_piece = 0;               ///< The first that was not sent…
    qsizetype m_offset = 0;           ///< …from here on.
};

} // namespace nightshift::net
