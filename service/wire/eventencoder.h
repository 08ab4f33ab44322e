#pragma once
#include "domain/event.h"

namespace nightshift::wire {

/// Turns one stream of events into the lines of one wire format. One encoder for every listener, fed
/// from a session's first event of the run on: what it keeps is what the format invents (item numbers).
class EventEncoder
{
public:
    virtual ~EventEncoder() = default;
    /// The event's line without its line end; absent when the format has no word for it.
    virtual std::optional<RawJson> encode(const Event &event) = 0;
};

} // namespace nightshift::wire
