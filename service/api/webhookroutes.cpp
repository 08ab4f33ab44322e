#include "webhookroutes.h"
#include "api/pageof.h"
#include <utility>

using namespace Qt::StringLiterals;

namespace nightshift::api {

namespace {

using http::Answer, http::Problem, http::ProblemCode, http::Request;

Problem notFound(const char *what)
{
    return {ProblemCode::NotFound, u"there is no such %1"_s.arg(QLatin1StringView(what))};
}

Problem internal(const Error &error)
{
    return {ProblemCode::Internal, error.message};
}

RawJson withSecret(const http::Webhook &webhook)
{
    const RawJson secret = json::object({{"secret", webhook.secret.reveal()}});
    return {http::toJson(webhook).text.chopped(1) + ',' + secret.text.sliced(1)};
}

Answer create(http::Outbox &outbox, const Request &request)
{
    const auto wanted = http::readWebhook(request.body);
    if (!wanted)
        return wanted.error();
    if (const auto refused = outbox.targets().refuse(wanted->url))
        return Problem{
            .code = ProblemCode::ValidationFailed, .detail = u"url "_s + *refused, .errors = {{u"/url"_s, *refused}}};
    const auto added = outbox.add(*wanted);
    if (!added)
        return internal(added.error());
    http::Response response = http::jsonResponse(201, withSecret(*added));
    response.headers.add("Location", "/v1/webhooks/" + added->id.toLatin1());
    return response;
}

QByteArray bytes(const QString &id)
{
    return id.toUtf8();
}

QByteArray bytes(const QByteArray &id)
{
    return id;
}

/// A page of what has an id, in no order of these.
template <typename T>
Answer listed(const Request &request, QByteArrayView of, const std::vector<T> &all)
{
    bool isPast = false;
    const auto comesAfter = [&isPast](const QByteArray &id, const QByteArray &after) {
        return std::exchange(isPast, isPast || id == after);
    };
    return pageOf(
        request, of, all, [](const T &each) { return bytes(each.id); }, comesAfter,
        [](const T &each) { return http::toJson(each); });
}

Answer one(http::Outbox &outbox, const Request &request)
{
    const http::Webhook *webhook = outbox.find(request.pathId());
    return webhook ? Answer(http::jsonResponse(200, http::toJson(*webhook))) : notFound("webhook");
}

Answer remove(http::Outbox &outbox, const Request &request)
{
    const QString id = request.pathId();
    if (!outbox.find(id))
        return notFound("webhook");
    const auto removed = outbox.remove(id);
    return removed ? Answer(http::Response{204}) : internal(removed.error());
}

Answer rotate(http::Outbox &outbox, const Request &request)
{
    const QString id = request.pathId();
    if (!outbox.find(id))
        return notFound("webhook");
    const auto rotated = outbox.rotate(id);
    return rotated ? Answer(http::jsonResponse(200, withSecret(*rotated))) : internal(rotated.error());
}

Answer deliveries(http::Outbox &outbox, const Request &request)
{
    const QString id = request.pathId();
    if (!outbox.find(id))
        return notFound("webhook");
    return listed(request, "deliveries", outbox.deliveries(id));
}

Answer retry(http::Outbox &outbox, const Request &request)
{
    const auto delivery = outbox.retry(request.pathId(), request.pathValue("delivery"));
    return delivery ? Answer(http::jsonResponse(202, http::toJson(*delivery))) : notFound("delivery");
}

} // namespace

std::vector<http::Route> webhookRoutes(http::Outbox &outbox)
{
    const auto route = [&outbox](const char *method, const char *pattern, auto *handler) {
        return http::Route{method, pattern, http::Scope::Admin,
                           [&outbox, handler](const Request &request) { return handler(outbox, request); }};
    };
    const auto all = [](http::Outbox &from, const Request &request) {
        return listed(request, "webhooks", from.webhooks());
    };
    std::vector<http::Route> routes{route("POST", "/v1/webhooks", &create),
                                    route("GET", "/v1/webhooks", +all),
                                    route("GET", "/v1/webhooks/{id}", &one),
                                    route("DELETE", "/v1/webhooks/{id}", &remove),
                                    route("POST", "/v1/webhooks/{id}/rotate", &rotate),
                                    route("GET", "/v1/webhooks/{id}/deliveries", &deliveries),
                                    route("POST", "/v1/webhooks/{id}/deliveries/{delivery}/retry", &retry)};
    routes[1].parameters = routes[5].parameters = {"limit", "after"};
    routes[0].repeat = routes[4].repeat = http::Route::Repeat::NeedsKey;
    return routes;
}

} // namespace nightshift::api
