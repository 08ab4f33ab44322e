#pragma once
#include "base/result.h"
#include <QObject>
#include <QSocketNotifier>
#include <optional>
#include <utility>

namespace nightshift::http {

/// Owns one descriptor until it is taken out.
class Descriptor
{
public:
    explicit Descriptor(int fd = -1)
        : m_fd(fd)
    {}
    Descriptor(Descriptor &&other) noexcept
        : m_fd(other.take())
    {}
    Descriptor &operator=(Descriptor &&other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~Descriptor();

    int get() const { return m_fd; }
    int take() { return std::exchange(m_fd, -1); }

private:
    int m_fd;
};

/// "HOST:PORT" with a numeric host or "localhost": "127.0.0.1:8080", "[::1]:0".
struct TcpAddress
{
    QByteArray host; ///< Without brackets.
    quint16 port = 0;
    bool operator==(const TcpAddress &) const = default;
};
Result<TcpAddress> readTcpAddress(const QString &text);

/// A listening socket. Port 0 gives any free one.
Result<Descriptor> listenOnTcp(const TcpAddress &address);
/// A listening Unix socket that only this user can reach. One that a dead server left behind is replaced; a living
/// server's is not.
Result<Descriptor> listenOnUnix(const QString &path);

/// 0 when it has none.
quint16 portOf(int fd);
bool isUnixSocket(int fd);
/// The user at the other end of a Unix socket; nothing when the kernel does not say.
std::optional<uint> userOf(int fd);

/// Takes clients from one listening socket.
class Listener : public QObject
{
    Q_OBJECT

public:
    Listener(Descriptor fd, QObject *parent);
    int fd() const { return m_fd.get(); }

signals:
    /// The receiver owns the descriptor.
    void accepted(int fd);

private:
    void onReadable();

    Descriptor m_fd;
    QSocketNotifier m_notifier;
};

} // namespace nightshift::http
