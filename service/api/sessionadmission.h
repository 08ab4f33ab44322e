#pragma once
#include "api/sessionopener.h"
#include "http/tokens.h"

namespace nightshift::api {

/// Who may not approve may not make it easier to be approved than it was.
http::Judged<void> checkApproval(const ApprovalOptions &newer, const ApprovalOptions &older, const http::Token &caller);
/// Nor make a session that approves of itself. One that asks is no harm: somebody else decides.
http::Judged<void> checkApproval(const ApprovalOptions &newer, const http::Token &caller);

/// A limit of cost is refused where nobody could tell that it is reached.
http::Judged<void> checkCostLimit(const SessionLimits &limits, const Settings &settings);
/// The same for a session that there is.
http::Judged<void> checkCostLimit(const SessionLimits &limits, SessionOptions session, const SessionOpener &opener);

} // namespace nightshift::api
