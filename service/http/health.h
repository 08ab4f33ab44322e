#pragma once
#include "http/route.h"

namespace nightshift::http {

/// Whether the service can take work; anybody may ask.
struct Readiness
{
    std::optional<ProblemCode> reason = ProblemCode::Starting; ///< Why it cannot; nothing when it can.
};

/// GET /healthz (the process lives) and GET /readyz (it can take work). `readiness` outlives them.
std::vector<Route> healthRoutes(const Readiness &readiness);

} // namespace nightshift::http
