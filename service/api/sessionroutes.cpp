#include "sessionroutes.h"
#include "api/bodyfields.h"
#include "api/costlimit.h"
#include "api/newsession.h"
#include "api/objects.h"
#include "api/pageof.h"
#include "api/removal.h"
#include "http/tracecontext.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Answer;
using http::Problem;
using http::ProblemCode;
using http::Request;

namespace {

Answer create(Sessions &sessions, const Request &request)
{
    BodyFields body(request.body);
    if (const auto asked = sessions.access().settings(request.caller, body.root(), RequestSetting::NewSession); !asked)
        return asked.error();
    const SessionOptions options = readSessionOptions(body.fields());
    TurnOptions turn = readTurnOptions(body.fields());
    if (turn.goesOn)
        body->refuse("continue", u"a new session has nothing to go on from"_s);
    if (turn.isEmpty() && turn.schema)
        body->refuse("schema", u"is of no use without input"_s);
    if (const auto problem = body.problem())
        return *problem;
    turn.traceParent = http::traceParent(request.head);
    const auto draft = draftNew(sessions, options, turn, request.caller);
    return draft ? answerWithNew(sessions, *draft, request.head) : Answer(draft.error());
}

http::Judged<SessionFilter> readFilter(const Request &request)
{
    static const QByteArrayList statuses{"", "queued", "running", "waiting", "idle", "closed"};
    SessionFilter filter;
    filter.status = request.query.value("status").value_or("");
    if (!statuses.contains(filter.status))
        return std::unexpected(
            Problem{ProblemCode::InvalidParameter, u"status is queued, running, waiting, idle or closed"_s});
    if (const auto externalId = request.query.value("external_id"))
        filter.externalId = QString::fromUtf8(*externalId);
    for (const auto &[name, value] : request.query.parameters) {
        if (name.startsWith("label."))
            filter.labels.emplace_back(QString::fromUtf8(name.sliced(6)), QString::fromUtf8(value));
    }
    return filter;
}

Answer list(Sessions &sessions, const Request &request)
{
    const auto filter = readFilter(request);
    if (!filter)
        return filter.error();
    return pageOfNewest(request, "sessions", sessions.ids(*filter), [&](const QString &id) -> std::optional<RawJson> {
        const auto log = sessions.log(id, request.caller);
        if (!log || (!filter->status.isEmpty() && (*log)->view().status() != filter->status))
            return {};
        return sessionObject((*log)->view());
    });
}

Answer show(Sessions &sessions, const Request &request)
{
    const auto log = sessions.log(request.pathId(), request.caller);
    return log ? Answer(http::jsonResponse(200, sessionObject((*log)->view()))) : Answer(log.error());
}

Answer change(Sessions &sessions, const Request &request)
{
    const auto session = sessions.host(request.pathId(), request.caller);
    if (!session)
        return session.error();
    const SessionView &view = (*session)->view();
    BodyFields body(request.body);
    if (const auto asked = sessions.access().settings(request.caller, body.root(), RequestSetting::Change); !asked)
        return asked.error();
    TurnOptions place;
    readPlace(body.fields(), place);
    const auto title = body->string("title");
    const auto labels = body->strings("labels");
    const FieldReader limitFields = body->object("limits"), approvalFields = body->object("approval");
    const SessionLimits limits = readLimits(limitFields);
    const ApprovalOptions approval = readApproval(approvalFields, view.options.approval);
    if (const auto problem = body.problem())
        return *problem;
    if (view.isClosed())
        return Problem{ProblemCode::SessionClosed, u"the session was closed"_s};
    if (const auto allowed = sessions.access().approvalChange(request.caller, approval, view.options.approval);
        !allowed)
        return allowed.error();
    if (const auto known = checkCostLimit(limits, view.options, sessions.opener()); !known)
        return known.error();
    const bool isPlaced = !place.cwd.isEmpty() || !place.sandbox.isEmpty() || place.network;
    if (const auto placed = isPlaced ? sessions.place(**session, place, request.caller) : http::Judged<void>(); !placed)
        return placed.error();
    const RawJson fact =
        json::object({{"type", "session.updated"},
                      {"title", title},
                      {"labels", labels ? std::optional(toJson(*labels)) : std::nullopt},
                      {"limits", limitFields.isEmpty() ? std::nullopt : std::optional(toJson(limits))},
                      {"approval", approvalFields.isEmpty() ? std::nullopt : std::optional(toJson(approval))}});
    if (const auto noted = (*session)->note({fact}); !noted)
        return noted.error();
    sessions.catalogue().put(view.id, {view.options.externalId, view.options.labels});
    return http::jsonResponse(200, sessionObject(view));
}

Answer fork(Sessions &sessions, const Request &request)
{
    BodyFields body(request.body, BodyFields::Body::Optional);
    if (const auto asked = sessions.access().settings(request.caller, body.root(), RequestSetting::Fork); !asked)
        return asked.error();
    ForkOptions options;
    readPlace(body.fields(), options.place);
    const JsonView at = body->take("at_turn");
    options.isolation = body->word("isolation", {u"none"_s, u"worktree"_s, u"overlay"_s, u"copy"_s});
    if (at.exists() && !at.isString() && !at.isInteger())
        body->refuse("at_turn", u"must be a turn's id, its t_N or its number"_s);
    if (const auto problem = body.problem())
        return *problem;
    const auto parent = sessions.log(request.pathId(), request.caller);
    if (!parent)
        return parent.error();
    if (at.exists()) {
        const SessionView &view = (*parent)->view();
        const TurnView *turn = view.find(at.isString() ? at.toString() : u"t_%1"_s.arg(at.toInteger()));
        if (!turn)
            return Problem{ProblemCode::ValidationFailed,
                           u"at_turn names no turn of this session"_s,
                           Problem::SideEffects::None,
                           {{u"/at_turn"_s, u"there is no such turn"_s}}};
        // Turns that never began are not in the log's own count.
        options.atTurn =
            std::count_if(view.turns.data(), turn + 1, [](const TurnView &each) { return !each.startedAt.isEmpty(); });
    }
    const auto draft = draftFork(sessions, request.pathId().toLower(), options, request.caller);
    return draft ? answerWithNew(sessions, *draft, request.head) : Answer(draft.error());
}

Answer remove(Sessions &sessions, const Request &request)
{
    const auto session = sessions.host(request.pathId(), request.caller);
    if (!session)
        return session.error();
    if ((*session)->isBusy() && request.query.value("force") != "1")
        return Problem{ProblemCode::Busy, u"a turn is running or waits; force=1 cancels it"_s};
    return std::make_unique<Removal>(sessions, **session);
}

} // namespace

std::vector<http::Route> sessionRoutes(Sessions &sessions)
{
    using enum http::Scope;
    const auto bound = [&sessions](Answer (*handler)(Sessions &, const Request &)) {
        return [&sessions, handler](const Request &request) { return handler(sessions, request); };
    };
    const auto work = http::Route::Repeat::NeedsKey;
    std::vector<http::Route> routes;
    routes.push_back(
        {.method = "POST", .pattern = "/v1/sessions", .scope = Run, .handler = bound(create), .repeat = work});
    routes.push_back({.method = "GET",
                      .pattern = "/v1/sessions",
                      .scope = Read,
                      .handler = bound(list),
                      .parameters = {"limit", "after", "status", "external_id", "label.*"}});
    routes.push_back({"GET", "/v1/sessions/{id}", Read, bound(show)});
    routes.push_back({"PATCH", "/v1/sessions/{id}", Run, bound(change)});
    routes.push_back({.method = "DELETE",
                      .pattern = "/v1/sessions/{id}",
                      .scope = Run,
                      .handler = bound(remove),
                      .parameters = {"force"}});
    routes.push_back(
        {.method = "POST", .pattern = "/v1/sessions/{id}/fork", .scope = Run, .handler = bound(fork), .repeat = work});
    return routes;
}

} // namespace nightshift::api
