#pragma once
#include "base/rawjson.h"
#include <chrono>
#include <optional>
#include <vector>

namespace nightshift::http {

/// Every way a request can fail. The names on the wire are the contract; statuses and titles belong to them.
enum class ProblemCode {
    MalformedRequest,
    InvalidJson,
    InvalidParameter,
    Unauthorized,
    HostNotAllowed,
    OriginNotAllowed,
    ScopeMissing,
    RootNotAllowed,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    RequestTimeout,
    Busy,
    AlreadyDecided,
    IdempotencyInProgress,
    SessionClosed,
    CursorAhead,
    WorkspaceLocked,
    SessionExists,
    LimitTurns,
    LimitRequests,
    LimitTokens,
    LimitCost,
    LimitTime,
    LimitIdle,
    ApprovalExpired,
    SessionDeleted,
    BodyTooLarge,
    UnsupportedMediaType,
    RangeNotSatisfiable,
    ExpectationFailed,
    ValidationFailed,
    IdempotencyMismatch,
    BundleInvalid,
    RateLimited,
    TooManySessions,
    TooManyStreams,
    HeadersTooLarge,
    Internal,
    NotImplemented,
    Starting,
    Draining,
    Recovering,
    TooManyConnections,
    VersionNotSupported,
    DiskFull,
};

/// What is wrong with one member of a body.
struct FieldProblem
{
    QString pointer; ///< A JSON pointer.
    QString detail;
    bool operator==(const FieldProblem &) const = default;
};

/// Why a request was not done, in a form a client can branch on and a person can read.
struct Problem
{
    enum class SideEffects { None, Possible }; ///< Whether a blind retry is safe.

    ProblemCode code = ProblemCode::Internal;
    QString detail; ///< One sentence about this occurrence.
    SideEffects sideEffects = SideEffects::None;
    std::vector<FieldProblem> errors = {};
    std::optional<std::chrono::seconds> retryAfter = {};
    QByteArray allow = {};                ///< With MethodNotAllowed: the methods that are.
    std::optional<qint64> sizeBytes = {}; ///< With RangeNotSatisfiable: of the whole.
    std::optional<int> status = {};       ///< Instead of the code's own.
    QString ref = {};                     ///< With Internal: what to look for in the log.
    bool operator==(const Problem &) const = default;
};

struct ProblemKind
{
    ProblemCode code;
    const char *name;
    int status;
    const char *title;
    bool retryable; ///< The same request may succeed later.
};

const ProblemKind &kindOf(ProblemCode code);
inline int statusOf(const Problem &problem)
{
    return problem.status.value_or(kindOf(problem.code).status);
}

/// The body of the answer; `instance` is the path asked for. Source: RFC 9457, section 3.
RawJson toJson(const Problem &problem, const QByteArray &instance);

} // namespace nightshift::http
