#pragma once
#include "api/batches.h"
#include "http/route.h"

namespace nightshift::api {

/// Everything under /v1/batches.
std::vector<http::Route> batchRoutes(Batches &batches, http::Outbox &outbox);

} // namespace nightshift::api
