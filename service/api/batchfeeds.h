#pragma once
#include "api/batchlog.h"
#include "api/followedlog.h"

namespace nightshift::api {

/// What a feed shows of a batch.
enum class BatchShows {
    Events,
    Rows,        ///< A line for every item that is done, as they end,
    RowsInOrder, ///< or as the input has them: one that takes long holds back those behind it.
};

/// A batch for one client: its events, or its results, to its end.
class BatchFeed : public http::FeedSource
{
    Q_OBJECT

public:
    BatchFeed(BatchLog &log, BatchShows shows);

    qint64 lastSeq() const override { return m_log.lastSeq(); }
    http::FeedPage next(qint64 after, qsizetype atMost) override;

private:
    http::FeedPage events(qint64 after, qsizetype atMost) const;
    http::FeedPage rows(qint64 after, qsizetype atMost) const;
    http::FeedPage rowsInOrder(qint64 after, qsizetype atMost) const;
    QByteArray row(const batch::KnownItem &item) const;
    bool isOver() const;

    const FollowedLog<BatchLog> m_log;
    const BatchShows m_shows;
};

} // namespace nightshift::api
