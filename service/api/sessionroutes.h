#pragma once
#include "api/batches.h"
#include "http/route.h"

namespace nightshift::api {

/// /v1/sessions and /v1/sessions/{id}: create, list, show, change, fork, delete. `sessions` outlives them.
std::vector<http::Route> sessionRoutes(Sessions &sessions);
/// /v1/sessions/{id}/turns and …/cancel.
std::vector<http::Route> turnRoutes(Sessions &sessions);
/// /v1/sessions/{id}/events and /v1/events.
std::vector<http::Route> eventRoutes(Sessions &sessions, Batches &batches);

} // namespace nightshift::api
