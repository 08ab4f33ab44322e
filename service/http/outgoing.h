#pragma once
#include <QObject>
#include <QTimer>

class QSslSocket;
class QTcpSocket;

namespace nightshift::http {

/// What goes out to one client. What is written in one turn of the event loop is sent in one piece, and past the
/// socket's own buffer, which is large and would stay with every stream.
class Outgoing : public QObject
{
    Q_OBJECT

public:
    /// The socket, which is connected, outlives it. A client may take nothing at all for as long as `patience`.
    Outgoing(QTcpSocket *socket, std::chrono::milliseconds patience, QObject *parent);

    void write(const QByteArray &bytes);
    /// Now, as far as the client takes it.
    void flush();
    qint64 unsentBytes() const;
    /// Sends and tells nothing any more.
    void stop();

signals:
    void taken();
    void stalled();

private:
    void send();
    void onTaken();

    QTcpSocket *m_socket;
    QSslSocket *m_tls; ///< The same socket, when it is one.
    QByteArray m_collected;
    bool m_stopped = false;
    std::chrono::milliseconds m_patience;
    QTimer m_stall; ///< Runs while something is unsent.
};

} // namespace nightshift::http
