#pragma once
#include "api/sessionview.h"

namespace nightshift::api {

/// What the service shows of a session. Source: openapi.json, Session.
RawJson sessionObject(const SessionView &session);

/// What it shows of one of its turns.
RawJson turnObject(const SessionView &session, const TurnView &turn);
/// The same in a few words: {id, status}.
RawJson turnReference(const SessionView &session, const TurnView &turn);

/// completed | failed | cancelled | interrupted; only of a turn that is done.
const char *outcomeOf(const TurnView &turn);
/// Why, in the one table's words: "final_message", "limit_cost".
QString reasonOf(const TurnView &turn);

} // namespace nightshift::api
