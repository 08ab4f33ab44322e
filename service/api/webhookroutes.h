#pragma once
#include "http/outbox.h"
#include "http/route.h"

namespace nightshift::api {

/// /v1/webhooks and what is beneath; `outbox` outlives them.
std::vector<http::Route> webhookRoutes(http::Outbox &outbox);

} // namespace nightshift::api
