#pragma once
#include "base/jsonreader.h"
#include "domain/event.h"

namespace nightshift::wire {

/// Approvals and hooks as every face of ours shows them.
RawJson approvalObject(const Approval &approval);
RawJson resolutionObject(const char *type, const ApprovalResolved &resolved);
RawJson hookObject(const char *type, const HookDecided &decided);

/// Read back; what is not there is as if empty. The changes of a patch are not in approvalObject() as a whole.
Approval approvalFrom(JsonView object);
ApprovalResolved resolutionFrom(JsonView object);
HookDecided hookFrom(JsonView object);

QLatin1StringView kindName(Approval::Kind kind);
QLatin1StringView decisionName(ApprovalResolved::Decision decision);

/// The same in one line for a person.
QString approvalSentence(const Approval &approval);
QString resolutionSentence(const ApprovalResolved &resolved);
QString hookSentence(const HookDecided &decided);

} // namespace nightshift::wire
