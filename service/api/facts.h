#pragma once
#include "api/sessionoptions.h"
#include "domain/ending.h"

namespace nightshift::api {

// What the service itself writes to the logs of sessions, and SessionView reads there.

RawJson createdFact(const SessionOptions &options, const std::optional<QString> &forkedFrom);
/// The session works in this folder and this sandbox from now on.
RawJson placedFact(const SessionOptions &options);
/// A bundle brought the session, and the holder of this token the bundle.
RawJson importedFact(const QString &tokenId);
/// The prices are others from now on.
RawJson pricedFact(const QString &costSource);
RawJson closedFact(const QString &reason);
RawJson acceptedFact(const QByteArray &as, const TurnOptions &turn, const QString &turnId);
RawJson queuedFact(qint64 position, const QString &turnId);
/// Why the service did not begin what waited, though it could: its token does not allow it any more. The word is one
/// of those that stand beside the codes of FailureCode.
struct Withdrawn
{
    QString reason; ///< token_revoked | token_narrowed
    QString message;
    bool operator==(const Withdrawn &) const = default;
};

/// The turn never began.
RawJson failedFact(const QString &turnId, const TurnError &why);
RawJson failedFact(const QString &turnId, const Withdrawn &why);
/// The turn waits for the session's limits to be raised, in so many words; absent: no longer.
RawJson budgetFact(const std::optional<QString> &message, const QString &turnId);

} // namespace nightshift::api
