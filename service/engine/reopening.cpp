#include "reopening.h"
#include "store/recording.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

/// How an item that a lost process began is told to have ended; nothing for what is no beginning.
std::optional<Event> lostEnding(const Event &begun)
{
    using End = std::optional<Event>;
    return std::visit(
        Overloaded{
            [](const CommandStarted &e) -> End { return CommandFinished{e.call, e.command, {}, {}, {}}; },
            [](const PatchStarted &e) -> End { return PatchFinished{e.call, e.changes, false, u"aborted"_s}; },
            [](const PlanChanged &e) -> End { return PlanClosed{e.steps}; },
            [](const McpCallStarted &e) -> End {
                return McpCallFinished{e.call, e.invocation, {}, u"aborted"_s, true, {}};
            },
            [](const ApprovalRequested &e) -> End {
                return ApprovalResolved{.approvalId = e.approval.id,
                                        .call = e.approval.call,
                                        .decision = ApprovalResolved::Decision::Cancelled,
                                        .by = u"the end of its process"_s,
                                        .message = {},
                                        .command = {}};
            },
            [](const SearchStarted &e) -> End { return SearchFinished{e.call, {}, json::object({{"type", "other"}})}; },
            [](const auto &) -> End { return {}; },
        },
        begun);
}

} // namespace

std::vector<Event> lostEndings(const store::Recording &recording)
{
    std::vector<Event> endings;
    if (!recording.openTurn)
        return endings;
    for (const RawJson &payload : recording.unfinished) {
        const auto document = JsonDocument::parse(payload.text);
        const auto begun = document ? wire::fromMessage(document->root()) : std::nullopt;
        if (const auto ending = begun ? lostEnding(*begun) : std::nullopt)
            endings.push_back(*ending);
    }
    endings.push_back(TurnFailed{{FailureCode::ProcessLost, u"the process that ran this turn was lost"_s}, {}});
    return endings;
}

/// What waits is neither answered nor told to have ended, and its turn goes on.
static void keepWaiting(const WaitingTurn &waiting, std::vector<HistoryItem> &unanswered, std::vector<Event> &endings)
{
    const auto waits = [&](const CallId &call) {
        return std::ranges::any_of(waiting.calls, [&](const PendingCall &pending) { return pending.call.id == call; });
    };
    std::erase_if(unanswered, [&](const HistoryItem &output) { return waits(output.call); });
    std::erase_if(endings, [&](const Event &ending) {
        const auto *resolved = std::get_if<ApprovalResolved>(&ending);
        return std::holds_alternative<TurnFailed>(ending) || (resolved && waits(resolved->call));
    });
}

Result<Reopened> reopen(const QString &path, const Settings &settings, bool append, const store::Decompress &decompress,
                        OpenTurns open)
{
    std::optional<store::Rollout> rollout;
    if (append) { // first, because it mends the file that is about to be read
        auto opened = store::Rollout::reopen(settings.home.state, path, decompress);
        if (!opened)
            return std::unexpected(opened.error());
        rollout = std::move(*opened);
    }
    auto recording = store::readRecording(settings.home.state, path, decompress);
    if (!recording)
        return std::unexpected(recording.error());

    Reopened reopened{.id = recording->meta.id};
    if (!recording->model.isEmpty() && recording->model != settings.model) {
        reopened.notices += u"This session was recorded with model `%1` but is resuming with `%2`."_s.arg(
            recording->model, settings.model);
    }
    if (open == OpenTurns::Keep)
        reopened.waiting = waitingTurn(*recording);
    auto unanswered = std::move(recording->unanswered);
    const auto openTurn = recording->openTurn;
    std::vector<Event> endings = lostEndings(*recording);
    if (reopened.waiting)
        keepWaiting(*reopened.waiting, unanswered, endings);
    reopened.ledger = std::make_unique<Ledger>(std::move(rollout), std::move(*recording));
    for (HistoryItem &output : unanswered)
        reopened.ledger->commit(std::move(output));
    if (openTurn)
        reopened.ledger->closeLostTurn(*openTurn, endings); // of one that goes on, the items that do not
    return reopened;
}

} // namespace nightshift::engine
