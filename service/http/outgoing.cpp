#include "outgoing.h"
#include <QSslSocket>
#include <algorithm>
#include <sys/socket.h>

namespace nightshift::http {

Outgoing::Outgoing(QTcpSocket *socket, std::chrono::milliseconds patience, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_tls(qobject_cast<QSslSocket *>(socket))
    , m_patience(patience)
{
    connect(m_socket, &QTcpSocket::bytesWritten, this, &Outgoing::onTaken);
    if (m_tls) // whose bytesWritten() tells of encryption, not of the network
        connect(m_tls, &QSslSocket::encryptedBytesWritten, this, &Outgoing::onTaken);
    m_stall.setSingleShot(true);
    connect(&m_stall, &QTimer::timeout, this, &Outgoing::stalled);
}

qint64 Outgoing::unsentBytes() const
{
    return m_collected.size() + m_socket->bytesToWrite() + (m_tls ? m_tls->encryptedBytesToWrite() : 0);
}

void Outgoing::write(const QByteArray &bytes)
{
    if (m_collected.isEmpty())
        QMetaObject::invokeMethod(this, &Outgoing::send, Qt::QueuedConnection);
    m_collected += bytes;
}

void Outgoing::flush()
{
    send();
    m_socket->flush();
}

void Outgoing::stop()
{
    m_stopped = true;
    m_stall.stop();
}

void Outgoing::send()
{
    if (m_collected.isEmpty() || m_stopped)
        return;
    const QByteArray bytes = std::exchange(m_collected, {});
    qsizetype sent = 0;
    if (!m_tls && m_socket->bytesToWrite() == 0)
        sent = std::max<qsizetype>(0, ::send(int(m_socket->socketDescriptor()), bytes.constData(), size_t(bytes.size()),
                                             MSG_NOSIGNAL | MSG_DONTWAIT));
    if (sent == bytes.size())
        return onTaken();
    m_socket->write(bytes.constData() + sent, bytes.size() - sent); // which also finds out when the client is gone
    if (!m_stall.isActive())
        m_stall.start(m_patience);
}

void Outgoing::onTaken()
{
    if (m_stopped)
        return;
    if (unsentBytes() > 0)
        m_stall.start(m_patience);
    else
        m_stall.stop();
    emit taken();
}

} // namespace nightshift::http
