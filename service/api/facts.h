#pragma once
#include "api/sessionoptions.h"
#include "domain/ending.h"

namespace nightshift::api {

// What the service itself writes to the logs of sessions, and SessionView reads there.

RawJson createdFact(const SessionOptions &options, const std::optional<QString> &forkedFrom);
/// The session works in another folder from now on.
RawJson movedFact(const QString &cwd);
/// The prices are others from now on.
RawJson pricedFact(const QString &costSource);
RawJson closedFact(const QString &reason);
RawJson acceptedFact(const QByteArray &as, const TurnOptions &turn, const QString &turnId);
RawJson queuedFact(qint64 position, const QString &turnId);
/// The turn never began.
RawJson failedFact(const QString &turnId, const TurnError &why);
/// The turn waits for the session's limits to be raised, in so many words; absent: no longer.
RawJson budgetFact(const std::optional<QString> &message, const QString &turnId);

} // namespace nightshift::api
