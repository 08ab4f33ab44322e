#pragma once
#include "domain/ending.h"
#include <csignal>

namespace nightshift::app {

/// What the program ends with. A completed turn is success whatever its commands did.
enum class ExitCode : int {
    Success = 0,
    Failure = 1, ///< The turn failed, or could not start.
    Usage = 2,
    SchemaMismatch = 3,
    Limit = 10,
    Denied = 11,    ///< By a hook or an approver.
    Resumable = 75, ///< A batch was interrupted and can go on.
    Interrupted = 128 + SIGINT,
    OutputGone = 128 + SIGPIPE,
    Terminated = 128 + SIGTERM,
};

/// For a turn that ended as `code`. Of Interrupted by a signal, the signal's own code is the right one:
/// exitCodeOfSignal().
constexpr ExitCode exitCodeOf(FailureCode code)
{
    switch (code) {
    case FailureCode::SchemaMismatch:
        return ExitCode::SchemaMismatch;
    case FailureCode::LimitRequests:
    case FailureCode::LimitTokens:
    case FailureCode::LimitCost:
    case FailureCode::LimitTime:
    case FailureCode::LimitIdle:
        return ExitCode::Limit;
    case FailureCode::ApprovalDenied:
    case FailureCode::HookDenied:
        return ExitCode::Denied;
    case FailureCode::CancelledByUser:
    case FailureCode::Superseded:
    case FailureCode::Interrupted:
        return ExitCode::Interrupted;
    case FailureCode::ContextExhausted:
    case FailureCode::RateLimited:
    case FailureCode::Auth:
    case FailureCode::ModelNotFound:
    case FailureCode::BadRequest:
    case FailureCode::ModelUnavailable:
    case FailureCode::ModelStalled:
    case FailureCode::Network:
    case FailureCode::SandboxError:
    case FailureCode::ToolCrash:
    case FailureCode::ProcessLost:
    case FailureCode::DiskFull:
    case FailureCode::Internal:
        return ExitCode::Failure;
    }
    return ExitCode::Failure;
}

/// As shells do: 130 for SIGINT, 143 for SIGTERM.
constexpr int exitCodeOfSignal(int signal)
{
    return 128 + signal;
}

} // namespace nightshift::app
