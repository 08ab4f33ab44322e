#pragma once
#include <QMutex>
#include <QObject>
#include <functional>

namespace nightshift::script {

/// The way to an object that lives on another thread and may be gone.
class Mailbox
{
public:
    explicit Mailbox(QObject *receiver)
        : m_receiver(receiver)
    {}

    /// From any thread; `letter` is read by the receiver's thread, or by nobody.
    void post(std::function<void()> letter)
    {
        const QMutexLocker lock(&m_mutex);
        if (m_receiver)
            QMetaObject::invokeMethod(m_receiver, std::move(letter), Qt::QueuedConnection);
    }

    /// By the receiver, before it goes.
    void close()
    {
        const QMutexLocker lock(&m_mutex);
        m_receiver = nullptr;
    }

private:
    QMutex m_mutex;
    QObject *m_receiver;
};

} // namespace nightshift::script
