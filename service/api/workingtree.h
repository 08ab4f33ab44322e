#pragma once
#include "api/hostedsession.h"

namespace nightshift::api {

/// Two that change one working tree would destroy each other's work: WorkspaceLocked when a session with these options
/// would, beside one of those that are hosted. `id` is its own, if it has one.
http::Judged<void> checkTree(const SessionOptions &options, const QString &id,
                             const std::vector<HostedSession *> &hosted);

} // namespace nightshift::api
