#include "ending.h"
#include <utility>

using namespace Qt::StringLiterals;

namespace nightshift {

static constexpr std::pair<FailureCode, QLatin1StringView> names[] = {
    {FailureCode::SchemaMismatch, "schema_mismatch"_L1},
    {FailureCode::LimitRequests, "limit_requests"_L1},
    {FailureCode::LimitTokens, "limit_tokens"_L1},
    {FailureCode::LimitCost, "limit_cost"_L1},
    {FailureCode::LimitTime, "limit_time"_L1},
    {FailureCode::LimitIdle, "limit_idle"_L1},
    {FailureCode::ApprovalDenied, "approval_denied"_L1},
    {FailureCode::HookDenied, "hook_denied"_L1},
    {FailureCode::ContextExhausted, "context_exhausted"_L1},
    {FailureCode::RateLimited, "rate_limited"_L1},
    {FailureCode::Auth, "auth"_L1},
    {FailureCode::ModelNotFound, "model_not_found"_L1},
    {FailureCode::BadRequest, "bad_request"_L1},
    {FailureCode::ModelUnavailable, "model_unavailable"_L1},
    {FailureCode::ModelStalled, "model_stalled"_L1},
    {FailureCode::Network, "network"_L1},
    {FailureCode::SandboxError, "sandbox_error"_L1},
    {FailureCode::ToolCrash, "tool_crash"_L1},
    {FailureCode::CancelledByUser, "cancelled_by_user"_L1},
    {FailureCode::Superseded, "superseded"_L1},
    {FailureCode::Interrupted, "interrupted"_L1},
    {FailureCode::ProcessLost, "process_lost"_L1},
    {FailureCode::DiskFull, "disk_full"_L1},
    {FailureCode::Internal, "internal"_L1},
};

QLatin1StringView codeName(FailureCode code)
{
    for (const auto &[known, name] : names) {
        if (known == code)
            return name;
    }
    return "internal"_L1;
}

FailureCode codeFromName(QStringView text)
{
    for (const auto &[code, name] : names) {
        if (name == text)
            return code;
    }
    return FailureCode::Internal;
}

} // namespace nightshift
