#pragma once
#include "domain/event.h"

namespace nightshift::wire {

// The messages of what tools do, in the words of the older protocol; see toMessage().

RawJson workMessage(const CommandStarted &event);
RawJson workMessage(const CommandOutput &event);
RawJson workMessage(const CommandFinished &event);
RawJson workMessage(const PatchStarted &event);
RawJson workMessage(const PatchFinished &event);
RawJson workMessage(const McpCallStarted &event);
RawJson workMessage(const McpCallFinished &event);
RawJson workMessage(const SearchStarted &event);
RawJson workMessage(const SearchFinished &event);
RawJson workMessage(const ApprovalRequested &event);

} // namespace nightshift::wire
