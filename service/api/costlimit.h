#pragma once
#include "api/sessionopener.h"

namespace nightshift::api {

/// A limit of cost is refused where nobody could tell that it is reached.
http::Judged<void> checkCostLimit(const SessionLimits &limits, const Settings &settings);
/// The same for a session that there is.
http::Judged<void> checkCostLimit(const SessionLimits &limits, SessionOptions session, const SessionOpener &opener);

} // namespace nightshift::api
