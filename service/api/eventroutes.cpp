#include "api/changesfeed.h"
#include "api/logfeed.h"
#include "api/sessionroutes.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Answer;
using http::Request;

static Answer sessionEvents(Sessions &sessions, const Request &request)
{
    const auto log = sessions.log(request.pathId(), request.caller);
    if (!log)
        return log.error();
    const auto until = readUntil(request.query.value("until"), (*log)->view());
    if (!until)
        return until.error();
    return http::feedAnswer(request, std::make_unique<LogFeed>(**log, *until));
}

std::vector<http::Route> eventRoutes(Sessions &sessions, Batches &batches)
{
    const auto bound = [&sessions](Answer (*handler)(Sessions &, const Request &)) {
        return [&sessions, handler](const Request &request) { return handler(sessions, request); };
    };
    std::vector<http::Route> routes;
    routes.push_back({.method = "GET",
                      .pattern = "/v1/sessions/{id}/events",
                      .scope = http::Scope::Read,
                      .handler = bound(sessionEvents),
                      .produces = http::feedTypes(),
                      .parameters = http::feedParameters() + QByteArrayList{"until"}});
    routes.push_back({.method = "GET",
                      .pattern = "/v1/events",
                      .scope = http::Scope::Read,
                      .handler =
                          [&sessions, &batches](const Request &request) {
                              return http::feedAnswer(request,
                                                      std::make_unique<ChangesFeed>(sessions, batches, request.caller));
                          },
                      .produces = http::feedTypes(),
                      .parameters = http::feedParameters()});
    return routes;
}

} // namespace nightshift::api
