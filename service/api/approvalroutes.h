#pragma once
#include "api/approvalbook.h"
#include "http/route.h"

namespace nightshift::api {

/// /v1/approvals: list, show, decide. `book` outlives them.
std::vector<http::Route> approvalRoutes(ApprovalBook &book);

} // namespace nightshift::api
