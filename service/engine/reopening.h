#pragma once
#include "domain/settings.h"
#include "engine/ledger.h"
#include "engine/pendingapprovals.h"

namespace nightshift::engine {

/// A session as an earlier run left it, ready to go on.
struct Reopened
{
    QString id;
    std::unique_ptr<Ledger> ledger;
    std::optional<WaitingTurn> waiting; ///< Only when it was to be kept.
    QStringList notices;                ///< The model is another than the one recorded.
};

/// What becomes of a turn that a lost process left waiting for approvals.
enum class OpenTurns { Close, Keep };

/// Reads the log and closes in it what a lost process left open: every call gets an answer, an open turn
/// its ending. With `append` false nothing is written, now or later.
Result<Reopened> reopen(const QString &path, const Settings &settings, bool append, const store::Decompress &decompress,
                        OpenTurns open = OpenTurns::Close);

/// How the turn that a lost process left open is told to have ended: each item that began, then the turn. Nothing when
/// no turn is open.
std::vector<Event> lostEndings(const store::Recording &recording);

} // namespace nightshift::engine
