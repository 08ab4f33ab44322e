#pragma once
#include "base/result.h"
#include "domain/settings.h"

namespace nightshift::app {

/// `nightshift sandbox`: becomes `argv`, run as a model's command would be, with our own streams and
/// environment; its exit code is then ours. Returns only when it could not start.
Error runSandboxCommand(const SandboxPolicy &policy, const CommandLimits &limits, const QString &cwd,
                        const QStringList &argv);

} // namespace nightshift::app
