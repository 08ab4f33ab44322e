#pragma once
#include "api/batchchild.h"

namespace nightshift::api {

/// How a batch ended, in the words that clients are told.
struct BatchEnd
{
    QByteArray outcome;                 ///< completed | limit | cancelled | interrupted | failed
    QString reason;                     ///< done, items_failed, a limit's name, cancelled_by_user, process_lost, …
    QString message = {};               ///< One sentence about a failure.
    std::optional<RawJson> result = {}; ///< Of a script.
    bool operator==(const BatchEnd &) const = default;
};

/// What the end of its process means. The exit codes are those of `nightshift batch`.
BatchEnd endOf(const BatchChild::Ending &ending, bool isScript, bool isCancelled, bool hasFailures);

} // namespace nightshift::api
