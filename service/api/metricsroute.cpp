#include "metricsroute.h"

namespace nightshift::api {

http::Route metricsRoute(const http::Metrics &metrics, MetricsFor whom)
{
    return {.method = "GET",
            .pattern = "/metrics",
            .scope = whom == MetricsFor::Everybody ? std::optional<http::Scope>() : http::Scope::Read,
            .handler =
                [&metrics](const http::Request &) {
                    http::Response response{200, {}, metrics.text()};
                    response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                    return response;
                },
            .produces = {"text/plain"}};
}

} // namespace nightshift::api
