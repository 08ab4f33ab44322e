#include "eventpage.h"
#include "http/door.h"
#include "http/paging.h"

using namespace Qt::StringLiterals;

namespace nightshift::http {

constexpr qsizetype mostLookedAt = 4096; // events, of which few may be asked for; the next page goes on behind them

void EventPage::fill(FeedSource &source)
{
    for (qsizetype lookedAt = 0; !done && qsizetype(data.size()) < limit && lookedAt < mostLookedAt;) {
        const FeedPage page = source.next(after, limit - qsizetype(data.size()));
        for (const FeedEvent &event : page.events) {
            if (passesFilter(types, event.type))
                data.push_back({event.data});
        }
        lookedAt += qsizetype(page.events.size());
        done = page.end.has_value();
        if (page.events.empty() && page.upTo <= after)
            return;
        after = std::max(after, page.upTo);
    }
}

Response EventPage::response(const FeedSource &source) const
{
    return jsonResponse(
        200,
        json::object({{"data", json::array(data)}, {"next", after}, {"last_seq", source.lastSeq()}, {"done", done}}));
}

AwaitedPage::AwaitedPage(std::unique_ptr<FeedSource> source, EventPage page, std::chrono::milliseconds wait)
    : LaterReply(wait)
    , m_source(std::move(source))
    , m_page(std::move(page))
{
    connect(m_source.get(), &FeedSource::grew, this, &AwaitedPage::onGrew);
}

void AwaitedPage::onGrew()
{
    m_page.fill(*m_source);
    if (m_page.isAnswer()) {
        m_source->disconnect(this);
        emit finished(soFar());
    }
}

Answer eventPage(const Request &request, std::unique_ptr<FeedSource> source, FeedStart start,
                 const QByteArrayList &types)
{
    if (start.ahead)
        return Problem{ProblemCode::CursorAhead, u"the log ends at %1"_s.arg(source->lastSeq())};
    Query limit;
    if (const auto given = request.query.value("limit"))
        limit.parameters.emplace_back("limit", *given);
    const auto wanted = readPageRequest(limit, {});
    if (!wanted)
        return wanted.error();
    EventPage page{.after = start.after, .limit = wanted->limit, .types = types};
    page.fill(*source);
    const auto wait = preferredWait(request.head);
    if (wait && !page.isAnswer())
        return std::make_unique<AwaitedPage>(std::move(source), std::move(page), *wait);
    Response response = page.response(*source);
    if (wait)
        response.headers.add("Preference-Applied", "wait");
    return response;
}

} // namespace nightshift::http
