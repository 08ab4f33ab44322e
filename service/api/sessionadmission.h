#pragma once
#include "api/sessionoptions.h"
#include "http/tokens.h"

namespace nightshift::api {

/// Who may not approve may not make it easier to be approved than it was; of a new session, than by default.
http::Judged<void> checkApproval(const ApprovalOptions &newer, const ApprovalOptions &older, const http::Token &caller);

} // namespace nightshift::api
