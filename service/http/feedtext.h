#pragma once
#include "http/requesthead.h"
#include <QByteArrayList>

namespace nightshift::http {

/// One event as it goes over a feed.
struct FeedEvent
{
    std::optional<qint64> seq; ///< Durable events have one; it becomes the client's cursor.
    QByteArray type;
    QByteArray data; ///< JSON on one line.
    bool operator==(const FeedEvent &) const = default;
};

enum class FeedForm { Sse, JsonLines };

/// What is sent before any event: how soon to come back, and a sign that the feed is open.
QByteArray feedOpening(FeedForm form);
QByteArray feedText(FeedForm form, const FeedEvent &event);
/// What fills silence. Lines of JSON have nothing that every reader skips.
QByteArray feedHeartbeat(FeedForm form);
/// Moves the client's cursor over events that its filter left out.
QByteArray feedCursor(FeedForm form, qint64 seq);

/// The event that tells a client how a feed stands: "end" and "reset".
FeedEvent feedNotice(const QByteArray &type, const QByteArray &reason, qint64 lastSeq);

/// Where a feed begins.
struct FeedStart
{
    qint64 after = 0;
    bool ahead = false; ///< The cursor is beyond the log, which then was replaced: begin anew.
    bool operator==(const FeedStart &) const = default;
};

/// From Last-Event-ID, else `after` of the query (a number, or "last"), else the beginning.
Judged<FeedStart> feedStart(const RequestHead &head, const std::optional<QByteArray> &after, qint64 lastSeq);

/// Whether an event of `type` passes `types=turn.*,approval.requested`; an empty list lets all pass.
bool passesFilter(const QByteArrayList &types, QByteArrayView type);

} // namespace nightshift::http
