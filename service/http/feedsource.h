#pragma once
#include "http/feedtext.h"
#include <QObject>

namespace nightshift::http {

/// Events of a log from some position on.
struct FeedPage
{
    std::vector<FeedEvent> events;
    qint64 upTo = 0;               ///< The log was read up to here; what lies beyond may come later.
    std::optional<QByteArray> end; ///< Why nothing comes after these; absent while something may, empty where
                                   ///< the client is not told.
    bool operator==(const FeedPage &) const = default;
};

/// A log that is followed. Its feed owns it and pulls: nothing is queued for a client that does not read.
class FeedSource : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    virtual qint64 lastSeq() const = 0;
    /// What comes after `after`, at most so many events; nothing and `upTo == after` when there is nothing yet.
    virtual FeedPage next(qint64 after, qsizetype atMost) = 0;
    /// The items that are under way, as they stand: for whoever missed fleeting events.
    virtual std::vector<FeedEvent> snapshots() const { return {}; }

signals:
    void grew();
    /// Is shown to those who are up to date and can take it, and to nobody else.
    void fleeting(const nightshift::http::FeedEvent &event);
};

} // namespace nightshift::http
