#pragma once
#include "http/allowance.h"
#include "http/door.h"
#include "http/idempotency.h"
#include "http/route.h"
#include "http/tokenstore.h"

namespace nightshift::http {

/// Who is at the other end of a connection.
struct Peer
{
    bool isOurUser = false; ///< A process of our user over a Unix socket: needs no token.
    QString address;        ///< For the log.
};

/// What a request may go on with when its head was judged.
struct Admission
{
    const Route *route = nullptr;
    std::vector<std::pair<QByteArray, QByteArray>> pathValues;
    Query query;
    Token caller;
    QByteArray accepted;
};

/// All that is decided about requests, without a socket in sight.
class Service
{
public:
    /// The stores and the allowance outlive it. `requests` is what each token may ask.
    Service(std::vector<Route> routes, Door door, TokenStore &tokens, IdempotencyStore &answers,
            const Allowance &allowance, Quota requests = {});

    /// By its head alone, before a body is read: host and origin, token, route, scope, types. A Response is the
    /// answer to a browser that asks whether it may ask, and to a token that asks too often.
    std::variant<Admission, Response, Problem> admit(const RequestHead &head, const Peer &peer);

    /// What the route answers; what was answered before, when the request is a repetition.
    Answer answer(const Request &request, const Route &route);
    /// To be called with what a LaterReply came to, also when the client has left: a repetition gets it, too.
    void settle(const Request &request, const Route &route, const Response &response);

    /// Why an answer that is under way for this caller must not go on: its token was taken away, has expired, or is
    /// another one now, and then is to be judged anew.
    struct Withdrawal
    {
        Problem problem;
        QByteArray reason; ///< Of the last event of a stream; empty where the client may come again.
    };
    std::optional<Withdrawal> withdrawn(const Token &caller);

    /// Adds what every answer has: how much the token may still ask, and what lets a page of a welcome origin read it.
    void complete(const Request &request, Response &response) const;

private:
    std::optional<KeyedRequest> keyed(const Request &request, const Route &route) const;
    Judged<Token> caller(const RequestHead &head, const Peer &peer);
    Judged<void> takeRequest(const Token &caller);
    void tellLimits(const Token &caller, Response &response) const;
    void welcome(const RequestHead &head, Response &response) const;

    RouteTable m_routes;
    Door m_door;
    TokenStore &m_tokens;
    IdempotencyStore &m_answers;
    const Allowance &m_allowance;
    RateLimit m_requests;
};

} // namespace nightshift::http
