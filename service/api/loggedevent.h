#pragma once
#include "base/jsonreader.h"
#include "domain/event.h"

namespace nightshift::api {

/// What one line of a session log tells.
struct LoggedEvent
{
    qint64 seq = 0;                      ///< The line's ordinal + 1: its number for ever.
    QByteArray time;                     ///< RFC 3339, UTC.
    QByteArray previous;                 ///< In an audited log, the hash of the line before.
    std::optional<JsonDocument> payload; ///< Of an event_msg line.
    std::optional<Event> event;          ///< What the payload says; absent when it is no event of a run.

    JsonView members() const { return payload ? payload->root() : JsonView(); }
    QByteArrayView type() const { return members()["type"].utf8(); }
    /// A fact of the service's own, which it shows as it is written: `turn.queued`, `session.closed`.
    bool isFact() const { return type().contains('.'); }
};

} // namespace nightshift::api
