#pragma once
#include "http/limits.h"
#include "http/route.h"

namespace nightshift::api {

/// GET /v1/info: what this service is and can.
http::Route infoRoute(const http::Limits &limits);

} // namespace nightshift::api
