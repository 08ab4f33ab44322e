#include "health.h"

using namespace Qt::StringLiterals;

namespace nightshift::http {

static Answer readinessAnswer(const Readiness &readiness)
{
    if (!readiness.reason)
        return jsonResponse(200, json::object({{"status", "ready"}}));
    Problem problem{*readiness.reason, u"no new work is taken"_s};
    problem.status = 503; // whatever the reason: probes look at nothing else
    return problem;
}

std::vector<Route> healthRoutes(const Readiness &state)
{
    return {
        {"GET", "/healthz", {}, [](const Request &) { return jsonResponse(200, json::object({{"status", "alive"}})); }},
        {"GET", "/readyz", {}, [&state](const Request &) { return readinessAnswer(state); }}};
}

} // namespace nightshift::http
