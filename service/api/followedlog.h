#pragma once
#include "http/feedsource.h"
#include <QPointer>

namespace nightshift::api {

/// The log that a feed reads, which stays open as long as it is read. Null once it is gone: there is an end to tell.
template <typename Log>
class FollowedLog
{
public:
    FollowedLog(Log &log, http::FeedSource *feed)
        : m_log(&log)
    {
        ++log.users;
        QObject::connect(&log, &Log::grew, feed, &http::FeedSource::grew);
        QObject::connect(&log, &QObject::destroyed, feed, &http::FeedSource::grew);
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
