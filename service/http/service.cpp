#include "service.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::http {

Service::Service(std::vector<Route> routes, Door door, TokenStore &tokens, IdempotencyStore &answers,
                 const Allowance &allowance, Quota requests)
    : m_routes(std::move(routes))
    , m_door(std::move(door))
    , m_tokens(tokens)
    , m_answers(answers)
    , m_allowance(allowance)
    , m_requests(std::move(requests))
{}

static Response preflight()
{
    return {204,
            {{{"Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE"},
              {"Access-Control-Allow-Headers",
               "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer, traceparent"},
              {"Access-Control-Max-Age", "600"}}}};
}

void Service::complete(const Request &request, Response &response) const
{
    tellLimits(request.caller, response);
    welcome(request.head, response);
}

void Service::tellLimits(const Token &caller, Response &response) const
{
    if (caller.id.isEmpty() || isLocalUser(caller))
        return;
    QByteArrayList policies, states;
    for (const RateLimit *limit : {&m_requests, &m_allowance.turns()}) {
        if (limit->policy().isEmpty())
            continue;
        policies += limit->policy();
        states += limit->state(caller.id);
    }
    if (policies.isEmpty())
        return;
    response.headers.add("RateLimit-Policy", policies.join(", "));
    response.headers.add("RateLimit", states.join(", "));
}

void Service::welcome(const RequestHead &head, Response &response) const
{
    if (!m_door.isWelcomeStranger(head))
        return;
    response.headers.add("Access-Control-Allow-Origin", head.headers.value("origin"));
    response.headers.add("Access-Control-Expose-Headers",
                         "Location, ETag, Retry-After, Idempotency-Replayed, RateLimit, RateLimit-Policy");
    response.headers.add("Vary", "Origin");
}

/// The same words for none, a wrong one and one that was taken away.
static Problem strangersProblem()
{
    return {ProblemCode::Unauthorized, u"send Authorization: Bearer with a valid token"_s};
}

Judged<Token> Service::caller(const RequestHead &head, const Peer &peer)
{
    if (peer.isOurUser)
        return localUser();
    const auto secret = bearerToken(head);
    auto token = secret ? m_tokens.find(*secret) : std::nullopt;
    if (!token)
        return std::unexpected(strangersProblem());
    return *token;
}

Judged<void> Service::takeRequest(const Token &caller)
{
    const bool limited = !caller.id.isEmpty() && !isLocalUser(caller);
    return limited ? m_requests.take(caller.id) : Judged<void>();
}

/// What the head says of the body, against what the route takes.
static std::optional<Problem> refuseBody(const RequestHead &head, const Route &route)
{
    const bool takesBody = head.method == "POST" || head.method == "PATCH" || head.method == "PUT";
    if (!takesBody && head.hasBody())
        return Problem{ProblemCode::MalformedRequest, u"a %1 has no body here"_s.arg(QLatin1StringView(head.method))};
    if (takesBody && !route.consumes.contains(contentType(head)))
        return Problem{ProblemCode::UnsupportedMediaType,
                       u"Content-Type must be %1"_s.arg(QLatin1StringView(route.consumes.join(" or ")))};
    if (head.headers.contains("content-encoding"))
        return Problem{ProblemCode::UnsupportedMediaType, u"bodies are not taken compressed"_s};
    if (head.headers.contains("idempotency-key") && !isIdempotencyKey(head.headers.value("idempotency-key")))
        return Problem{ProblemCode::InvalidParameter, u"Idempotency-Key has 1 to 128 visible ASCII characters"_s};
    return {};
}

static std::optional<Problem> refuseParameters(const Query &query, const Route &route)
{
    const auto isKnown = [&route](const QByteArray &name) {
        return std::ranges::any_of(route.parameters, [&name](const QByteArray &known) {
            return known.endsWith('*') ? name.startsWith(known.chopped(1)) : name == known;
        });
    };
    for (const auto &[name, value] : query.parameters) {
        if (isKnown(name))
            continue;
        const QString known =
            route.parameters.isEmpty() ? u"there is none"_s : QString::fromLatin1(route.parameters.join(", "));
        return Problem{ProblemCode::InvalidParameter,
                       u"the query's `%1` is not known here; expected: %2"_s.arg(QString::fromUtf8(name), known)};
    }
    return {};
}

std::variant<Admission, Response, Problem> Service::admit(const RequestHead &head, const Peer &peer)
{
    if (auto refused = m_door.refuse(head))
        return *refused;
    if (head.method == "OPTIONS" && m_door.isWelcomeStranger(head) &&
        head.headers.contains("access-control-request-method"))
        return preflight();

    const auto path = readPath(head.path);
    if (!path)
        return path.error();
    const auto match = m_routes.find(head.method, *path);
    Admission admission;
    if (!match || match->route->scope) {
        const auto known = caller(head, peer); // first of all: strangers learn not even which routes there are
        if (!known)
            return known.error();
        admission.caller = *known;
    }
    if (const auto taken = takeRequest(admission.caller); !taken) {
        Response response = problemResponse(taken.error(), head.path);
        tellLimits(admission.caller, response);
        return response;
    }
    if (!match)
        return match.error();
    admission.route = match->route;
    admission.pathValues = match->pathValues;
    if (match->route->scope && !admission.caller.allows(*match->route->scope))
        return Problem{ProblemCode::ScopeMissing,
                       u"the token %1 lacks the scope for this"_s.arg(admission.caller.label)};
    if (auto refused = refuseBody(head, *match->route))
        return *refused;
    const auto accepted = chooseType(head, match->route->produces);
    if (!accepted)
        return Problem{ProblemCode::NotAcceptable,
                       u"this is available as %1"_s.arg(QLatin1StringView(match->route->produces.join(", ")))};
    admission.accepted = *accepted;
    if (auto refused = refusePreference(head))
        return *refused;
    auto query = readQuery(head.query);
    if (!query)
        return query.error();
    if (auto refused = refuseParameters(*query, *match->route))
        return *refused;
    admission.query = std::move(*query);
    return admission;
}

std::optional<KeyedRequest> Service::keyed(const Request &request, const Route &route) const
{
    if (route.repeat != Route::Repeat::NeedsKey || !request.head.headers.contains("idempotency-key"))
        return {};
    const QByteArray target =
        request.head.query.isEmpty() ? request.head.path : request.head.path + '?' + request.head.query;
    return KeyedRequest{request.caller.id,   request.head.headers.value("idempotency-key"),
                        request.head.method, target,
                        request.bodySha256,  rightsOf(request.caller)};
}

std::optional<Service::Withdrawal> Service::withdrawn(const Token &caller)
{
    using Standing = TokenStore::Standing;
    const Standing standing = caller.id.isEmpty() ? Standing::Unchanged : m_tokens.standing(caller);
    switch (standing) {
    case Standing::Unchanged:
        return {};
    case Standing::Changed:
        return Withdrawal{{ProblemCode::ScopeMissing, u"the token was changed meanwhile; ask again"_s}, {}};
    case Standing::Revoked:
        return Withdrawal{strangersProblem(), "token_revoked"};
    case Standing::Expired:
        return Withdrawal{strangersProblem(), "token_expired"};
    }
    Q_UNREACHABLE_RETURN({});
}

Answer Service::answer(const Request &request, const Route &route)
{
    if (const auto withdrawal = withdrawn(request.caller)) // while the body arrived, which may take long
        return withdrawal->problem;
    const auto key = keyed(request, route);
    if (!key)
        return route.handler(request);
    auto verdict = m_answers.begin(*key);
    if (auto *before = std::get_if<Response>(&verdict))
        return std::move(*before);
    if (auto *problem = std::get_if<Problem>(&verdict))
        return std::move(*problem);
    Answer answer = route.handler(request);
    if (const auto *response = std::get_if<Response>(&answer))
        settle(request, route, *response);
    else if (std::holds_alternative<Problem>(answer))
        m_answers.forget(*key);
    return answer;
}

void Service::settle(const Request &request, const Route &route, const Response &response)
{
    const auto key = keyed(request, route);
    if (!key)
        return;
    if (response.status >= 300)
        m_answers.forget(*key);
    else if (const auto kept = m_answers.finish(*key, response); !kept)
        qWarning("%s", qPrintable(kept.error().message));
}

} // namespace nightshift::http
