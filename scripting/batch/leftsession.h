#pragma once
#include "batch/transcript.h"
#include "batch/workplace.h"
#include "store/compression.h"

namespace nightshift::batch {

/// What a lost process left of an attempt: its session can go on from here.
struct LeftSession
{
    QString id;
    QString log;
    Settings settings; ///< In its tree.
    Workplace place;
    Transcript transcript;
    bool isDone = false; ///< Only the end of its turn was not written any more.
};
/// Nothing where the log, the tree or the prompt is missing.
std::optional<LeftSession> leftSession(const QString &id, const Settings &settings,
                                       const store::Decompress &decompress);

/// The tree of a session that has ended, else a new one from `commit` with what the session came to.
Result<Workplace> treeOf(Settings &settings, const QString &session, const QByteArray &diff, const QString &commit);

/// What a new attempt on the conversation of a failed one is told.
QString failureText(const QString &reason, const QString &message);

} // namespace nightshift::batch
