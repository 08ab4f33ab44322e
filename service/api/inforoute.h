#pragma once
#include "http/allowance.h"
#include "http/limits.h"
#include "http/route.h"

namespace nightshift::api {

/// GET /v1/info: what this service is and can, and what of it is the caller's. `allowance` outlives the route.
http::Route infoRoute(const http::Limits &limits, const http::Allowance &allowance);

} // namespace nightshift::api
