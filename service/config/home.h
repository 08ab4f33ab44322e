#pragma once
#include "base/result.h"
#include "config/environment.h"
#include "domain/settings.h"

namespace nightshift::config {

/// NIGHTSHIFT_HOME, else CODEX_HOME, both in one folder that must exist; else the reference's ~/.codex when
/// we have no folder yet; else the XDG folders, which whoever writes first creates.
Result<Home> resolveHome(const Environment &environment);

} // namespace nightshift::config
