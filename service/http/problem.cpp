#include "problem.h"

namespace nightshift::http {

namespace {

using enum ProblemCode;

// In the order of ProblemCode, which is that of the statuses.
constexpr ProblemKind kinds[] = {
    {MalformedRequest, "malformed_request", 400, "Not a valid HTTP request", false},
    {InvalidJson, "invalid_json", 400, "The body is no valid JSON", false},
    {InvalidParameter, "invalid_parameter", 400, "A parameter is wrong", false},
    {Unauthorized, "unauthorized", 401, "A valid token is needed", false},
    {HostNotAllowed, "host_not_allowed", 403, "This host name is not served", false},
    {OriginNotAllowed, "origin_not_allowed", 403, "Pages of this origin may not ask", false},
    {ScopeMissing, "scope_missing", 403, "The token does not allow this", false},
    {RootNotAllowed, "root_not_allowed", 403, "The folder is outside of the allowed ones", false},
    {NotFound, "not_found", 404, "Not found", false},
    {MethodNotAllowed, "method_not_allowed", 405, "The method is not allowed here", false},
    {NotAcceptable, "not_acceptable", 406, "None of the accepted types is available", false},
    {RequestTimeout, "request_timeout", 408, "The request took too long to arrive", true},
    {Busy, "busy", 409, "A turn is running", true},
    {AlreadyDecided, "already_decided", 409, "This was decided before", false},
    {IdempotencyInProgress, "idempotency_in_progress", 409, "The first request with this key is not answered", true},
    {SessionClosed, "session_closed", 409, "The session is closed", false},
    {CursorAhead, "cursor_ahead", 409, "The cursor is beyond the end of the log", false},
    {WorkspaceLocked, "workspace_locked", 409, "Another session works in this folder", true},
    {SessionExists, "session_exists", 409, "Another session has this id", false},
    {LimitTurns, "limit_turns", 409, "Turn limit reached", false},
    {LimitRequests, "limit_requests", 409, "Request limit reached", false},
    {LimitTokens, "limit_tokens", 409, "Token limit reached", false},
    {LimitCost, "limit_cost", 409, "Cost limit reached", false},
    {LimitTime, "limit_time", 409, "Time limit reached", false},
    {LimitIdle, "limit_idle", 409, "Idle limit reached", false},
    {ApprovalExpired, "approval_expired", 410, "The approval has expired", false},
    {SessionDeleted, "session_deleted", 410, "The session was deleted", false},
    {BodyTooLarge, "body_too_large", 413, "The body is too large", false},
    {UnsupportedMediaType, "unsupported_media_type", 415, "The body's type is not accepted", false},
    {RangeNotSatisfiable, "range_not_satisfiable", 416, "The range lies outside of the file", false},
    {ExpectationFailed, "expectation_failed", 417, "The expectation cannot be met", false},
    {ValidationFailed, "validation_failed", 422, "The body breaks its schema", false},
    {IdempotencyMismatch, "idempotency_mismatch", 422, "The key was used for another request", false},
    {BundleInvalid, "bundle_invalid", 422, "The bundle cannot be imported", false},
    {RateLimited, "rate_limited", 429, "Too many requests", true},
    {TooManySessions, "too_many_sessions", 429, "Too many sessions", true},
    {TooManyStreams, "too_many_streams", 429, "Too many streams", true},
    {HeadersTooLarge, "headers_too_large", 431, "The request's head is too large", false},
    {Internal, "internal", 500, "Internal error", false},
    {NotImplemented, "not_implemented", 501, "The transfer coding is not supported", false},
    {Starting, "starting", 503, "The service is starting", true},
    {Draining, "draining", 503, "The service is stopping", true},
    {Recovering, "recovering", 503, "The service is reading its logs", true},
    {TooManyConnections, "too_many_connections", 503, "Too many connections", true},
    {VersionNotSupported, "version_not_supported", 505, "Only HTTP/1.1 and HTTP/1.0 are spoken", false},
    {DiskFull, "disk_full", 507, "The disk is full", true},
};

constexpr bool isOrdered()
{
    for (size_t i = 0; i < std::size(kinds); ++i) {
        if (kinds[i].code != ProblemCode(i))
            return false;
    }
    return std::size(kinds) == size_t(DiskFull) + 1;
}
static_assert(isOrdered());

std::optional<RawJson> errorList(const Problem &problem)
{
    if (problem.errors.empty())
        return {};
    std::vector<RawJson> errors;
    for (const FieldProblem &error : problem.errors)
        errors.push_back(json::object({{"pointer", error.pointer}, {"detail", error.detail}}));
    return json::array(errors);
}

} // namespace

const ProblemKind &kindOf(ProblemCode code)
{
    return kinds[size_t(code)];
}

RawJson toJson(const Problem &problem, const QByteArray &instance)
{
    const ProblemKind &kind = kindOf(problem.code);
    const bool possible = problem.sideEffects == Problem::SideEffects::Possible;
    return json::object({{"type", QByteArray("/problems/") + kind.name},
                         {"title", kind.title},
                         {"status", statusOf(problem)},
                         {"detail", problem.detail},
                         {"instance", instance},
                         {"code", kind.name},
                         {"retryable", kind.retryable},
                         {"side_effects", possible ? "possible" : "none"},
                         {"errors", errorList(problem)},
                         {"ref", problem.ref.isEmpty() ? std::optional<QString>() : problem.ref}});
}

} // namespace nightshift::http
