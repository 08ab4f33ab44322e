#include "sandboxbound.h"
#include <algorithm>

namespace nightshift {

SandboxPolicy bounded(SandboxPolicy policy, const SandboxBound &most)
{
    policy.mode = std::min(policy.mode, most.mode);
    policy.networkAccess = policy.networkAccess && most.network;
    return policy;
}

std::optional<SandboxPolicy::Mode> sandboxModeFromName(QStringView name)
{
    for (const auto mode :
         {SandboxPolicy::Mode::ReadOnly, SandboxPolicy::Mode::WorkspaceWrite, SandboxPolicy::Mode::DangerFullAccess}) {
        if (name == sandboxModeName(mode))
            return mode;
    }
    return {};
}

} // namespace nightshift
