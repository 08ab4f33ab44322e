#include "openstream.h"
#include "http/bodysender.h"

namespace nightshift::http {

Response openingOf(const EventFeed &feed)
{
    const bool sse = feed.form() == FeedForm::Sse;
    return {200,
            {{{"Content-Type", sse ? "text/event-stream; charset=utf-8" : "application/jsonl"},
              {"Cache-Control", "no-store, no-transform"},
              {"X-Accel-Buffering", "no"}}}};
}

OpenStream::OpenStream(std::unique_ptr<EventFeed> feed, Body framing, Token caller, Outgoing &out, Streams &streams)
    : m_feed(std::move(feed))
    , m_framing(framing)
    , m_caller(std::move(caller))
    , m_out(out)
    , m_streams(streams)
{
    m_streams.begin(m_caller);
}

OpenStream::~OpenStream()
{
    m_streams.end(m_caller);
    m_feed->stop();
    m_feed->disconnect();
    m_feed->setParent(&m_out); // what called us may be a signal of it; and it must not outlive the connection
    m_feed.release()->deleteLater();
}

void OpenStream::start(const Limits &limits)
{
    const auto send = [out = &m_out, framing = m_framing](const QByteArray &text) {
        out->write(framing == Body::Chunked ? chunk(text) : text);
    };
    m_feed->start({send, [out = &m_out] { return out->unsentBytes(); }}, limits.heartbeat, limits.unsentBytes);
}

void OpenStream::sayEnd()
{
    if (m_framing == Body::Chunked)
        m_out.write(lastChunk);
}

} // namespace nightshift::http
