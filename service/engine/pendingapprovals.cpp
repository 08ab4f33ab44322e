#include "pendingapprovals.h"
#include "llm/answeritems.h"
#include "wire/eventmessage.h"
#include <algorithm>

namespace nightshift::engine {

namespace {

std::vector<Approval> pendingApprovals(const store::Recording &recording)
{
    std::vector<Approval> pending;
    for (const RawJson &payload : recording.unfinished) {
        const auto document = JsonDocument::parse(payload.text);
        const auto event = document ? wire::fromMessage(document->root()) : std::nullopt;
        if (const auto *requested = event ? std::get_if<ApprovalRequested>(&*event) : nullptr)
            pending.push_back(requested->approval);
    }
    return pending;
}

} // namespace

std::optional<WaitingTurn> waitingTurn(const store::Recording &recording)
{
    const std::vector<Approval> pending = pendingApprovals(recording);
    if (!recording.openTurn || pending.empty())
        return {};
    WaitingTurn waiting{*recording.openTurn, {}};
    for (const HistoryItem &item : recording.history) {
        const auto approval = std::ranges::find(pending, item.call, &Approval::call);
        const bool lacksAnswer = std::ranges::contains(recording.unanswered, item.call, &HistoryItem::call) &&
                                 item.kind == HistoryItem::Kind::Call;
        const auto document = JsonDocument::parse(item.json.text);
        if (lacksAnswer && approval != pending.end() && document)
            waiting.calls.push_back({llm::toolCall(document->root()), *approval});
    }
    return waiting.calls.empty() ? std::nullopt : std::optional(std::move(waiting));
}

} // namespace nightshift::engine
