#include "logfeed.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

http::Judged<Until> readUntil(const std::optional<QByteArray> &text, const SessionView &session)
{
    if (!text || *text == "closed")
        return Until{};
    if (*text == "idle")
        return Until{Until::What::Idle, {}};
    if (text->startsWith("turn:")) {
        if (const TurnView *turn = session.find(QString::fromUtf8(text->sliced(5))))
            return Until{Until::What::Turn, turn->id};
        return std::unexpected(
            http::Problem{http::ProblemCode::InvalidParameter, u"until names no turn of this session"_s});
    }
    return std::unexpected(http::Problem{http::ProblemCode::InvalidParameter, u"until is closed, idle or turn:ID"_s});
}

LogFeed::LogFeed(SessionLog &log, Until until)
    : m_log(log, this, &http::FeedSource::grew)
    , m_until(std::move(until))
{
    connect(&log, &SessionLog::fleeting, this, &FeedSource::fleeting);
}

std::vector<http::FeedEvent> LogFeed::snapshots() const
{
    return m_log ? m_log->snapshots() : std::vector<http::FeedEvent>();
}

http::FeedPage LogFeed::next(qint64 after, qsizetype atMost)
{
    if (!m_log)
        return {.upTo = after, .end = "session_deleted"};
    auto page = m_log->newest(after, atMost);
    if (page)
        m_past.reset();
    else
        page = readPast(after, atMost);
    cut(*page, after);
    return std::move(*page);
}

http::FeedPage LogFeed::readPast(qint64 after, qsizetype atMost)
{
    if (m_past && m_past->readFrom <= after && after < m_past->last.upTo) {
        http::FeedPage rest = m_past->last;
        std::erase_if(rest.events, [after](const http::FeedEvent &event) { return event.seq <= after; });
        return rest;
    }
    if (!m_past || m_past->reader.seq() > after) {
        auto reader = m_log->reader();
        if (!reader)
            return {.upTo = after, .end = "log_gone"};
        m_past.emplace(std::move(*reader), OutwardEvents(m_log->view().id));
    }
    http::FeedPage page{.upTo = after};
    while (qsizetype(page.events.size()) < atMost && page.upTo < m_log->lastSeq()) {
        const auto logged = m_past->reader.next();
        if (!logged)
            break;
        auto event = m_past->outward.recorded(*logged);
        page.upTo = std::max(page.upTo, logged->seq);
        if (event && logged->seq > after)
            page.events.push_back(std::move(*event));
    }
    m_past->readFrom = after;
    m_past->last = page;
    return page;
}

/// Where what the client waits for was reached; nothing while it was not.
std::optional<qint64> LogFeed::endSeq() const
{
    const SessionView &view = m_log->view();
    if (m_until.what == Until::What::Turn) {
        const TurnView *turn = view.turn(m_until.turn);
        return turn && turn->status == TurnView::Status::Done ? std::optional(turn->lastSeq) : std::nullopt;
    }
    const bool reached =
        view.isClosed() || (m_until.what == Until::What::Idle && view.status() == QByteArrayView("idle"));
    return reached ? std::optional(view.lastSeq) : std::nullopt;
}

void LogFeed::cut(http::FeedPage &page, qint64 after) const
{
    const auto end = endSeq();
    if (!end)
        return;
    std::erase_if(page.events, [end](const http::FeedEvent &event) { return event.seq > *end; });
    if (page.upTo < *end)
        return;
    page.upTo = std::max(after, *end);
    page.end = m_until.what == Until::What::Turn && !m_log->view().isClosed() ? "turn_done"
               : m_log->view().isClosed()                                     ? "closed"
                                                                              : "idle";
}

} // namespace nightshift::api
