#include "batchfeeds.h"
#include "api/batchobjects.h"
#include "batch/journal.h"

namespace nightshift::api {

BatchFeed::BatchFeed(BatchLog &log, BatchShows shows)
    : m_log(log, this, &http::FeedSource::grew)
    , m_shows(shows)
{
    if (shows == BatchShows::Events)
        connect(&log, &BatchLog::fleeting, this, &FeedSource::fleeting);
}

bool BatchFeed::isOver() const
{
    return m_log->state().status == BatchState::Status::Done;
}

http::FeedPage BatchFeed::next(qint64 after, qsizetype atMost)
{
    if (!m_log)
        return {.upTo = after, .end = "log_gone"};
    return m_shows == BatchShows::Events ? events(after, atMost)
           : m_shows == BatchShows::Rows ? rows(after, atMost)
                                         : rowsInOrder(after, atMost);
}

http::FeedPage BatchFeed::events(qint64 after, qsizetype atMost) const
{
    http::FeedPage page{.upTo = after};
    for (; page.upTo < m_log->lastSeq() && qsizetype(page.events.size()) < atMost; ++page.upTo)
        page.events.push_back(m_log->events()[size_t(page.upTo)]);
    if (isOver() && page.upTo == m_log->lastSeq())
        page.end = "done";
    return page;
}

QByteArray BatchFeed::row(const batch::KnownItem &item) const
{
    const auto journal = batch::Journal::diffOf(m_log->out(), item);
    batch::ItemResult result = item.done->result;
    result.diff = journal;
    return json::onOneLine(batch::toJson(result)).text;
}

/// An end that says nothing: every line is a row.
static const QByteArray silently("");

http::FeedPage BatchFeed::rows(qint64 after, qsizetype atMost) const
{
    http::FeedPage page = events(after, atMost);
    QHash<QString, qint64> last; // items that were done again have one row
    const auto keyOf = [](const http::FeedEvent &event) {
        const auto document = JsonDocument::parse(event.data);
        return event.type == "batch.item.done" ? document->root()["key"].toString() : QString();
    };
    for (const http::FeedEvent &event : m_log->events())
        last[keyOf(event)] = *event.seq;
    std::vector<http::FeedEvent> rows;
    for (const http::FeedEvent &event : page.events) {
        const QString key = keyOf(event);
        const batch::KnownItem *item = m_log->known().find(key);
        if (item && item->done && last.value(key) == *event.seq)
            rows.push_back({event.seq, "row", row(*item)});
    }
    page.events = std::move(rows);
    if (page.end)
        page.end = silently;
    return page;
}

http::FeedPage BatchFeed::rowsInOrder(qint64 after, qsizetype atMost) const
{
    http::FeedPage page{.upTo = after};
    const std::vector<BatchItem> items = itemsOf(*m_log);
    for (; page.upTo < qint64(items.size()) && qsizetype(page.events.size()) < atMost; ++page.upTo) {
        const BatchItem &item = items[size_t(page.upTo)];
        const bool isDone = item.status == "succeeded" || item.status == "failed";
        if (!isDone && !isOver())
            return page;
        if (isDone)
            page.events.push_back({page.upTo + 1, "row", row(*item.known)});
    }
    if (isOver() && page.upTo == qint64(items.size()))
        page.end = silently;
    return page;
}

} // namespace nightshift::api
