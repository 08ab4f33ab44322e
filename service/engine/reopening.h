#pragma once
#include "domain/settings.h"
#include "engine/ledger.h"

namespace nightshift::engine {

/// A session as an earlier run left it, ready to go on.
struct Reopened
{
    QString id;
    std::unique_ptr<Ledger> ledger;
    QStringList notices; ///< The model is another than the one recorded.
};

/// Reads the log and closes in it what a lost process left open: every call gets an answer, an open turn
/// its ending. With `append` false nothing is written, now or later.
Result<Reopened> reopen(const QString &path, const Settings &settings, bool append,
                        const store::Decompress &decompress);

/// How the turn that a lost process left open is told to have ended: each item that began, then the turn. Nothing when
/// no turn is open.
std::vector<Event> lostEndings(const store::Recording &recording);

} // namespace nightshift::engine
