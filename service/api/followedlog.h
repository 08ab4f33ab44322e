#pragma once
#include <QObject>
#include <QPointer>

namespace nightshift::api {

/// The log that somebody reads, which stays open as long as it is read. Null once it is gone: there is an end to tell.
template <typename Log>
class FollowedLog
{
public:
    /// Calls `onGrew` of the reader when there is more, and at the end.
    template <typename Reader, typename OnGrew>
    FollowedLog(Log &log, Reader *reader, OnGrew onGrew)
        : m_log(&log)
    {
        ++log.users;
        QObject::connect(&log, &Log::grew, reader, onGrew);
        QObject::connect(&log, &QObject::destroyed, reader, onGrew);
    }
    ~FollowedLog()
    {
        if (m_log)
            --m_log->users;
    }
    Q_DISABLE_COPY_MOVE(FollowedLog)

    explicit operator bool() const { return m_log; }
    Log *operator->() const { return m_log; }
    Log &operator*() const { return *m_log; }
    qint64 lastSeq() const { return m_log ? m_log->lastSeq() : 0; }

private:
    QPointer<Log> m_log;
};

} // namespace nightshift::api
