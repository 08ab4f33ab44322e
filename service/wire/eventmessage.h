#pragma once
#include "base/jsonreader.h"
#include "domain/event.h"

namespace nightshift::wire {

/// What a recorded message says beside its event, so that the reference finds what it needs.
struct MessageContext
{
    QString turnId;       ///< Of the turn the event belongs to; empty leaves it out.
    qint64 startedAt = 0; ///< When that turn began, in Unix seconds; 0 leaves the times out.
    qint64 now = 0;       ///< Unix seconds.
};

/// {input_tokens, …, total_tokens, cost_usd?}
RawJson usageObject(const Usage &usage);

/// The event in the words of the older protocol: the `msg` of its lines, and the payload of the `event_msg`
/// lines in session logs. Members of our own stand beside the protocol's, so that no fact is lost; a plan's
/// end, for which it has no word, is the type `plan_closed`.
RawJson toMessage(const Event &event, const MessageContext &context = {});

/// The message of a run that goes on with a session: `earlier` are the messages of what happened in it before.
RawJson sessionConfigured(const SessionStarted &session, const std::vector<RawJson> &earlier);

/// The protocol's `parsed_cmd`.
RawJson actionsArray(const std::vector<CommandAction> &actions);

/// The event again. Absent for types that are no event of ours; members that a foreign or older writer left
/// out are as if empty.
std::optional<Event> fromMessage(JsonView message);

} // namespace nightshift::wire
