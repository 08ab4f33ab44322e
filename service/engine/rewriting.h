#pragma once
#include "hooks/decision.h"
#include "tools/proposal.h"

namespace nightshift::engine {

/// The call with what a hook or an approver wants in its place; its other arguments stay. The error says what cannot
/// be rewritten so.
Result<ToolCall> rewritten(const ToolCall &call, const tools::Proposal &proposal,
                           const hooks::Decision::Rewrite &rewrite);

/// The answer with lines of ours before it: a JSON string, or a list of parts.
RawJson withLines(const RawJson &output, const QStringList &lines);

/// The text of an answer; of a list of parts that of its texts.
QString textOf(const RawJson &output);

} // namespace nightshift::engine
