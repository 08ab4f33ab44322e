#pragma once
#include "api/sessionopener.h"
#include "batch/batchspec.h"
#include "http/allowance.h"

namespace nightshift::api {

/// Whether the caller may have this batch; what is left to the service's settings is filled in, what the caller's token
/// bounds is bounded, and every item gets the name that it keeps.
http::Judged<void> admit(batch::BatchSpec &spec, const http::Token &caller, const SessionOpener &opener,
                         const http::Allowance &allowance);

} // namespace nightshift::api
