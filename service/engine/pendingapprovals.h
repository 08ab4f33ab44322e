#pragma once
#include "domain/event.h"
#include "store/recording.h"

namespace nightshift::engine {

/// A call that waits for somebody to agree.
struct PendingCall
{
    ToolCall call;
    Approval approval;
    bool operator==(const PendingCall &) const = default;
};

/// A turn that a lost process left waiting for approvals; it can go on from their answers.
struct WaitingTurn
{
    store::OpenTurn turn;
    std::vector<PendingCall> calls; ///< In the order the model made them.
};

/// What a lost process left waiting; absent when nothing of it waits for an approval.
std::optional<WaitingTurn> waitingTurn(const store::Recording &recording);

} // namespace nightshift::engine
