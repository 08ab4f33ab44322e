#pragma once
#include "base/result.h"
#include "config/draft.h"

namespace nightshift::config {

/// The sandbox policy of the permission profile that `default_permissions` names: `:read-only`, `:workspace`,
/// `:danger-full-access`, or a table `permissions.NAME`. Paths are relative to `cwd`.
///
/// A profile is taken as a whole or refused: what our sandbox cannot enforce (`deny`, reading only some of the
/// files, a list of hosts) is an error that names the key, never a looser run.
Result<SandboxPolicy> resolvePermissions(const QString &name, const std::vector<Entry> &entries, const QString &cwd);

} // namespace nightshift::config
