#pragma once
#include "base/result.h"

namespace nightshift {

/// Why a turn failed: the one table behind turn.failed.error.code, HTTP answers, exit codes and retries.
enum class FailureCode {
    SchemaMismatch,
    LimitRequests,
    LimitTokens,
    LimitCost,
    LimitTime,
    LimitIdle,
    ApprovalDenied,
    HookDenied,
    ContextExhausted,
    RateLimited,
    Auth,
    ModelNotFound,
    BadRequest,
    ModelUnavailable,
    ModelStalled,
    Network,
    SandboxError,
    ToolCrash,
    CancelledByUser,
    Superseded,  ///< by a prompt that was to replace it
    Interrupted, ///< by a signal, or because nobody reads the output any more
    ProcessLost, ///< found by whoever opened the session next
    DiskFull,
    Internal,
};

/// The code as it is printed and recorded: "schema_mismatch".
QLatin1StringView codeName(FailureCode code);
/// Internal for a name we do not know: a newer program wrote it.
FailureCode codeFromName(QStringView name);

struct TurnError
{
    FailureCode code = FailureCode::Internal;
    QString message; ///< One sentence.
    bool operator==(const TurnError &) const = default;
};

} // namespace nightshift
