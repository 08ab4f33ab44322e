#include "api/acceptedreply.h"
#include "api/awaitedturn.h"
#include "api/bodyfields.h"
#include "api/objects.h"
#include "api/pageof.h"
#include "api/sessionroutes.h"
#include "http/door.h"
#include "http/tracecontext.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Answer;
using http::Problem;
using http::ProblemCode;
using http::Request;

namespace {

Answer submit(Sessions &sessions, const Request &request)
{
    BodyFields body(request.body);
    if (const auto asked = sessions.access().settings(request.caller, body.root(), RequestSetting::NewTurn); !asked)
        return asked.error();
    TurnOptions turn = readTurnOptions(body.fields());
    readPlace(body.fields(), turn);
    turn.limits = readTurnLimits(body->object("limits"));
    turn.labels = body->strings("labels").value_or(Labels());
    turn.traceParent = http::traceParent(request.head);
    if (turn.isEmpty() && body.isSound())
        body->refuse("input", u"is missing"_s);
    if (const auto problem = body.problem())
        return *problem;
    const auto session = sessions.host(request.pathId(), request.caller);
    if (!session)
        return session.error();
    const auto accepted = sessions.submit(**session, turn, request.caller);
    if (!accepted)
        return accepted.error();
    return std::make_unique<AcceptedReply>(sessions, (*session)->id(), *accepted, AcceptedReply::Shows::Turn,
                                           request.head);
}

Answer list(Sessions &sessions, const Request &request)
{
    const auto log = sessions.log(request.pathId(), request.caller);
    if (!log)
        return log.error();
    const SessionView &view = (*log)->view();
    return pageOfGrowing(request, "turns", view.turns, [&](const TurnView &turn) { return turnObject(view, turn); });
}

Answer show(Sessions &sessions, const Request &request)
{
    const auto log = sessions.log(request.pathId(), request.caller);
    if (!log)
        return log.error();
    const QString name = QString::fromUtf8(request.pathValue("turn"));
    const TurnView *turn = (*log)->view().find(name);
    if (!turn)
        return Problem{ProblemCode::NotFound, u"there is no turn %1 in this session"_s.arg(name)};
    if (const auto wait = http::preferredWait(request.head); wait && turn->status != TurnView::Status::Done)
        return std::make_unique<AwaitedTurn>(**log, turn->id, *wait);
    return http::jsonResponse(200, turnObject((*log)->view(), *turn));
}

/// What of the session is left to be told: its state, and the turn that is being cancelled.
Answer cancelled(const SessionView &view, bool hit)
{
    const TurnView *running = view.running();
    return http::jsonResponse(hit ? 202 : 200,
                              json::object({{"session", view.id},
                                            {"status", view.status()},
                                            {"cancelling", hit},
                                            {"turn", running ? turnReference(view, *running) : json::null()}}));
}

Answer cancel(Sessions &sessions, const Request &request)
{
    BodyFields body(request.body, BodyFields::Body::Optional);
    const auto turn = body->string("turn");
    const auto mode = body->word("mode", {u"graceful"_s, u"kill"_s}).value_or(u"graceful"_s);
    const auto grace = body->integer("grace_s", 0).value_or(5); // shells and builds need a moment to put things away
    const auto reason = body->string("reason");
    const auto queued = body->boolean("queued").value_or(false);
    if (const auto problem = body.problem())
        return *problem;
    const auto session = sessions.host(request.pathId(), request.caller);
    if (!session)
        return session.error();
    const SessionView &view = (*session)->view();
    const TurnView *wanted = turn ? view.find(*turn) : nullptr;
    if (turn && !wanted)
        return Problem{ProblemCode::NotFound, u"there is no turn %1 in this session"_s.arg(*turn)};
    const auto hit =
        (*session)->cancel({.turnId = wanted ? wanted->id : QString(),
                            .queued = queued,
                            .grace = std::chrono::seconds(mode == u"kill"_s ? 0 : grace),
                            .why = {FailureCode::CancelledByUser, reason.value_or(u"the turn was cancelled"_s)}});
    return hit ? cancelled(view, *hit) : Answer(hit.error());
}

} // namespace

std::vector<http::Route> turnRoutes(Sessions &sessions)
{
    using enum http::Scope;
    const auto bound = [&sessions](Answer (*handler)(Sessions &, const Request &)) {
        return [&sessions, handler](const Request &request) { return handler(sessions, request); };
    };
    std::vector<http::Route> routes;
    routes.push_back({.method = "POST",
                      .pattern = "/v1/sessions/{id}/turns",
                      .scope = Run,
                      .handler = bound(submit),
                      .repeat = http::Route::Repeat::NeedsKey});
    routes.push_back({.method = "GET",
                      .pattern = "/v1/sessions/{id}/turns",
                      .scope = Read,
                      .handler = bound(list),
                      .parameters = {"limit", "after"}});
    routes.push_back({"GET", "/v1/sessions/{id}/turns/{turn}", Read, bound(show)});
    routes.push_back({"POST", "/v1/sessions/{id}/cancel", Run, bound(cancel)});
    return routes;
}

} // namespace nightshift::api
