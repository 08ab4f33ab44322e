#include "eventfeed.h"

namespace nightshift::http {

constexpr qsizetype pageEvents = 64;
constexpr qsizetype pieceBytes = 64 * 1024; // so that many small events travel together

EventFeed::EventFeed(std::unique_ptr<FeedSource> source, FeedOptions options, QObject *parent)
    : QObject(parent)
    , m_source(std::move(source))
    , m_options(std::move(options))
    , m_first(m_source->next(m_options.start.after, pageEvents))
    , m_after(m_options.start.after)
    , m_confirmed(m_after)
{
    connect(&m_silence, &QTimer::timeout, this, &EventFeed::onSilence);
    connect(m_source.get(), &FeedSource::grew, this, &EventFeed::pump);
    connect(m_source.get(), &FeedSource::fleeting, this, &EventFeed::onFleeting);
}

void EventFeed::start(FeedOutput output, std::chrono::milliseconds heartbeat, qint64 maxUnsentBytes)
{
    m_output = std::move(output);
    m_maxUnsentBytes = maxUnsentBytes;
    m_heartbeat = heartbeat;
    m_spoke = Clock::now();
    m_silence.setSingleShot(true);
    m_silence.start(heartbeat);
    QByteArray opening = feedOpening(m_options.form);
    if (m_options.start.ahead)
        opening += feedText(m_options.form, feedNotice("reset", "cursor_ahead", m_source->lastSeq()));
    if (!opening.isEmpty())
        send(opening);
    pump();
}

void EventFeed::finish(const QByteArray &reason)
{
    if (std::exchange(m_over, true))
        return;
    if (m_output.send && !reason.isEmpty())
        send(feedText(m_options.form, feedNotice("end", reason, m_after)));
    emit ended();
}

/// Sends what there is and what the client can take.
void EventFeed::pump()
{
    if (!m_output.send)
        return;
    m_waits = true;
    while (!m_over && hasRoom()) {
        const FeedPage page = m_first ? std::move(*m_first) : m_source->next(m_after, pageEvents);
        m_first.reset();
        const qint64 before = m_after;
        if (!sendPage(page))
            return;
        if (page.end) {
            m_over = true;
            if (!page.end->isEmpty())
                send(feedText(m_options.form, feedNotice("end", *page.end, m_after)));
            emit ended();
            return;
        }
        if (m_after == before) {
            m_waits = false;
            sendSnapshots();
            return;
        }
    }
}

/// False when the client can take no more; the rest is read again later.
bool EventFeed::sendPage(const FeedPage &page)
{
    QByteArray text;
    for (const FeedEvent &event : page.events) {
        if (text.size() >= pieceBytes) {
            send(std::exchange(text, {}));
            if (!hasRoom())
                return false;
        }
        if (passesFilter(m_options.types, event.type)) {
            text += feedText(m_options.form, event);
            m_confirmed = event.seq.value_or(m_confirmed);
        }
        m_after = event.seq.value_or(m_after);
    }
    m_after = std::max(m_after, page.upTo);
    if (!text.isEmpty())
        send(text);
    return true;
}

void EventFeed::sendSnapshots()
{
    if (!std::exchange(m_missed, false) || !m_options.deltas)
        return;
    for (const FeedEvent &event : m_source->snapshots()) {
        if (passesFilter(m_options.types, event.type))
            send(feedText(m_options.form, event));
    }
}

void EventFeed::send(const QByteArray &text)
{
    m_spoke = Clock::now();
    m_output.send(text);
}

void EventFeed::onFleeting(const FeedEvent &event)
{
    if (m_over || !m_options.deltas || !passesFilter(m_options.types, event.type))
        return;
    if (!m_missed && m_output.send && hasRoom())
        send(feedText(m_options.form, event));
    else
        m_missed = m_waits = true;
}

void EventFeed::onSilence()
{
    const auto silence = std::chrono::ceil<std::chrono::milliseconds>(Clock::now() - m_spoke);
    m_silence.start(silence < m_heartbeat ? m_heartbeat - silence : m_heartbeat);
    if (m_over || silence < m_heartbeat || !hasRoom())
        return;
    const bool moved = m_after > std::exchange(m_confirmed, m_after);
    const QByteArray text = moved ? feedCursor(m_options.form, m_after) : feedHeartbeat(m_options.form);
    if (!text.isEmpty())
        send(text);
}

} // namespace nightshift::http
