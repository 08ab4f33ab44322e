#include "approvalroutes.h"
#include "api/bodyfields.h"
#include "api/pageof.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Answer;
using http::Problem;
using http::ProblemCode;
using http::Request;
using Decision = ApprovalResolved::Decision;
using Scope = ApprovalResolved::Scope;

namespace {

Answer list(ApprovalBook &book, const Request &request)
{
    const QByteArray status = request.query.value("status").value_or("pending");
    static const QByteArrayList statuses{"pending", "allow", "deny", "rewrite", "expired", "cancelled", "all"};
    if (!statuses.contains(status))
        return Problem{ProblemCode::InvalidParameter,
                       u"status: expected "_s + QString::fromLatin1(statuses.join(", "))};
    const QString session = QString::fromUtf8(request.query.value("session").value_or(QByteArray()));
    const auto entries =
        status == "pending" ? book.pending(session, request.caller) : book.all(session, request.caller);
    return pageOfGrowing(request, "approvals", entries, [&](const auto &entry) {
        return status == "all" || entry.status() == status ? std::optional(entry.object()) : std::nullopt;
    });
}

Answer show(ApprovalBook &book, const Request &request)
{
    const auto entry = book.find(request.pathId(), request.caller);
    if (!entry)
        return Problem{ProblemCode::NotFound, u"there is no approval %1"_s.arg(request.pathId())};
    return http::jsonResponse(200, entry->object());
}

Answer decide(ApprovalBook &book, const Request &request)
{
    BodyFields body(request.body);
    const QString decision = body->word("decision", {u"allow"_s, u"deny"_s, u"rewrite"_s}).value_or(QString());
    const QString scope = body->word("scope", {u"once"_s, u"session"_s}).value_or(u"once"_s);
    const QString command = body->string("command").value_or(QString());
    const QString message = body->string("message").value_or(QString());
    if (decision.isEmpty() && body.isSound())
        body->refuse("decision", u"is missing; expected allow, deny or rewrite"_s);
    if ((decision == u"rewrite"_s) == command.isEmpty())
        body->refuse("command", u"goes together with the decision `rewrite`"_s);
    if (const auto problem = body.problem())
        return *problem;
    const auto decided = book.answer(request.pathId(),
                                     {.decision = decision == u"allow"_s  ? Decision::Allow
                                                  : decision == u"deny"_s ? Decision::Deny
                                                                          : Decision::Rewrite,
                                      .scope = scope == u"session"_s ? Scope::Session : Scope::Once,
                                      .by = u"token %1"_s.arg(request.caller.label),
                                      .message = message,
                                      .command = command},
                                     request.caller);
    return decided ? http::jsonResponse(200, decided->object()) : Answer(decided.error());
}

} // namespace

std::vector<http::Route> approvalRoutes(ApprovalBook &book)
{
    const auto bound = [&book](Answer (*handler)(ApprovalBook &, const Request &)) {
        return [&book, handler](const Request &request) { return handler(book, request); };
    };
    std::vector<http::Route> routes;
    routes.push_back({.method = "GET",
                      .pattern = "/v1/approvals",
                      .scope = http::Scope::Read,
                      .handler = bound(list),
                      .parameters = {"status", "session", "limit", "after"}});
    routes.push_back({"GET", "/v1/approvals/{id}", http::Scope::Read, bound(show)});
    routes.push_back({"POST", "/v1/approvals/{id}", http::Scope::Approve, bound(decide)});
    return routes;
}

} // namespace nightshift::api
