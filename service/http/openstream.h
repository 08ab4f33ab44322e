#pragma once
#include "http/eventfeed.h"
#include "http/outgoing.h"
#include "http/response.h"
#include "http/streams.h"

namespace nightshift::http {

/// What a stream of events is answered with, before its first event.
Response openingOf(const EventFeed &feed);

/// A stream under way to one client, from its first event on; counts among its caller's as long as it lives.
class OpenStream
{
public:
    /// `out` and `streams` outlive it.
    OpenStream(std::unique_ptr<EventFeed> feed, Body framing, Token caller, Outgoing &out, Streams &streams);
    ~OpenStream();
    OpenStream(const OpenStream &) = delete;
    OpenStream &operator=(const OpenStream &) = delete;

    EventFeed &feed() { return *m_feed; }
    const Token &caller() const { return m_caller; }
    void start(const Limits &limits);
    /// Tells the client, where its framing can, that this was all.
    void sayEnd();

private:
    std::unique_ptr<EventFeed> m_feed;
    const Body m_framing;
    const Token m_caller;
    Outgoing &m_out;
    Streams &m_streams;
};

} // namespace nightshift::http
