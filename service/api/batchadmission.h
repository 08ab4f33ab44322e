#pragma once
#include "api/accesscontrol.h"
#include "batch/batchspec.h"

namespace nightshift::api {

/// Whether the caller may have this batch, new or to be gone on with; what is left to the service's settings is filled
/// in as the caller's token bounds it, and every item gets the name that it keeps.
http::Judged<void> admit(batch::BatchSpec &spec, const http::Token &caller, const AccessControl &access);
/// Why the holder of the token may not have this batch any more, which was admitted before; nothing when he may, and
/// then what an older version left to the service's settings is filled in.
std::optional<Withdrawn> withdrawn(batch::BatchSpec &spec, const QString &tokenId, const AccessControl &access);

} // namespace nightshift::api
