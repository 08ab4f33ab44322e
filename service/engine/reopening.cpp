#include "reopening.h"
#include "engine/briefing.h"
#include "store/recording.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

Result<Reopened> reopen(const QString &path, const Settings &settings, bool append, const store::Decompress &decompress)
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
    auto unanswered = std::move(recording->unanswered);
    const auto openTurn = recording->openTurn;
    reopened.ledger = std::make_unique<Ledger>(std::move(rollout), std::move(*recording));
    for (HistoryItem &output : unanswered)
        reopened.ledger->commit(std::move(output));
    if (openTurn)
        reopened.ledger->closeLostTurn(*openTurn);
    return reopened;
}

} // namespace nightshift::engine
