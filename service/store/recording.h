#pragma once
#include "domain/conversation.h"
#include "store/mappedfile.h"
#include "store/sessionmeta.h"

namespace nightshift::store {

struct OpenTurn
{
    QString id;
    qint64 startedAt = 0; ///< Unix seconds; 0 when not recorded.
    bool operator==(const OpenTurn &) const = default;
};

/// What a session's log holds for whoever goes on with it.
struct Recording
{
    SessionMeta meta;
    History history; ///< Balanced but for `unanswered`. Its texts lie in `files`: keep them together.
    Usage usage;     ///< Of the session.
    qint64 contextWindow = 0;
    qint64 contextTokens = 0;         ///< What the model's context held when it was last counted; 0 when unknown.
    size_t uncountedItems = 0;        ///< How many of the history's items came since.
    QString model;                    ///< Of the latest turn; empty when there was none.
    QString provider;                 ///< Of the latest turn.
    QString cwd;                      ///< Of the latest turn.
    std::optional<OpenTurn> openTurn; ///< Begun and not ended: its process was lost.
    /// The outputs that the history's last calls still lack, in call order: what was recorded of the call's
    /// end, else "aborted". Whoever goes on appends them to log and history.
    std::vector<HistoryItem> unanswered;
    /// Payloads of the events that began something in the open turn which never ended, in their order.
    std::vector<RawJson> unfinished;
    std::vector<std::shared_ptr<MappedFile>> files;
};

/// Reads backwards from the log's end, and no further than the last compaction. Garbage lines are skipped.
/// A fork of the reference reads on in its parent's log, found in STATE. With `lastTurn`, only as far as the turn of
/// that number, the log's first being 1; NotFound when it has fewer.
Result<Recording> readRecording(const QString &stateDir, const QString &path, const Decompress &decompress = {},
                                std::optional<qint64> lastTurn = {});

} // namespace nightshift::store
