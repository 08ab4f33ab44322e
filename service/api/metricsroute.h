#pragma once
#include "http/metrics.h"
#include "http/route.h"

namespace nightshift::api {

enum class MetricsFor { Readers, Everybody };

/// GET /metrics; `metrics` outlives it.
http::Route metricsRoute(const http::Metrics &metrics, MetricsFor whom);

} // namespace nightshift::api
