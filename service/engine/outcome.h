#pragma once
#include "domain/event.h"
#include "store/compression.h"

namespace nightshift::engine {

/// What one turn came to.
struct TurnSummary
{
    QString id;
    std::optional<QString> message;   ///< The last one of the model.
    std::optional<TurnError> failure; ///< Absent while it runs, and when it ended well.
    bool ended = false;
    QByteArray diff;   ///< What its patches changed, in Git's format; what commands changed is not known.
    QStringList files; ///< That its patches changed: absolute paths in their order, each once.
};

/// What a session came to, read from its log.
struct Outcome
{
    QString sessionId;
    QString cwd; ///< Of the latest run, as the two beside it.
    QString model;
    QString provider;
    Usage usage; ///< Of the session.
    std::vector<TurnSummary> turns;
};

Result<Outcome> readOutcome(const QString &stateDir, const QString &path, const store::Decompress &decompress);

/// What patches changed, one after the other; `git apply` takes it in one go. Paths below `root` are relative to it.
QByteArray patchDiff(const std::vector<FileChange> &changes, const QString &root);

/// The files that a session's artifacts and its bundle have in common:

/// {turn_id, status, error, result: {text, json}, files_changed, usage} of the latest turn.
RawJson resultObject(const Outcome &outcome);
/// Of all turns.
QByteArray wholeDiff(const Outcome &outcome);
/// The latest message of the model, with a line end behind it; empty when there was none.
QByteArray lastMessageText(const Outcome &outcome);

} // namespace nightshift::engine
