#pragma once
#include "http/route.h"

namespace nightshift::api {

/// GET /openapi.json: what every route takes and answers, for anybody.
http::Route openapiRoute();

} // namespace nightshift::api
