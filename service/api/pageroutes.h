#pragma once
#include "http/route.h"

namespace nightshift::api {

/// GET /: the page that shows what the service does, its script and its style. It holds no data, so whoever passes
/// the door may have it; what it shows it asks for with the reader's token.
std::vector<http::Route> pageRoutes();

} // namespace nightshift::api
