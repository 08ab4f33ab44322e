#pragma once
#include <QSocketNotifier>
#include <memory>
#include <unordered_map>

namespace nightshift::net {

/// What of a socket can be done, told through one descriptor for all sockets: Qt's loop asks the kernel about each of
/// its own every time it wakes.
class Readiness
{
public:
    /// Of the kernel's epoll.
    using Events = uint;
    class Watcher
    {
    public:
        virtual void onReady(Events events) = 0;

    protected:
        ~Watcher() = default;
    };

    Readiness();
    ~Readiness();
    Q_DISABLE_COPY_MOVE(Readiness)

    /// Until forget(), which comes before the descriptor is closed.
    void watch(int fd, Events events, Watcher &watcher);
    void change(int fd, Events events);
    void forget(int fd);

private:
    struct Watched
    {
        Watcher *watcher;
        quint32 number; ///< Tells a descriptor from an earlier one that had the same value.
    };
    void control(int operation, int fd, Events events, quint32 number);
    void onActivated();

    const int m_fd;
    quint32 m_last = 0;
    std::unordered_map<int, Watched> m_watched;
    QSocketNotifier m_notifier;
};

} // namespace nightshift::net
