#pragma once
#include "base/jsonreader.h"
#include "domain/event.h"

namespace nightshift::wire {

/// Limits and waits as every face of ours shows them, and the log: {type, limit, used, max, …}, {type, for, …}.
RawJson limitObject(const char *type, const LimitUse &use, const std::optional<QString> &message = {});
RawJson waitObject(const char *type, const WaitStarted &wait);
RawJson waitObject(const char *type, const WaitEnded &wait);

/// Read back; what is not there is as if empty.
LimitUse limitFrom(JsonView object);
WaitStarted waitStartedFrom(JsonView object);
WaitEnded waitEndedFrom(JsonView object);

/// The same in one line for a person.
QString limitSentence(const LimitUse &use);

} // namespace nightshift::wire
