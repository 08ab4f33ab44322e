#pragma once
#include "domain/settings.h"

namespace nightshift {

/// The most of a sandbox that somebody may have for whom the settings were not made: the holder of a token.
struct SandboxBound
{
    SandboxPolicy::Mode mode = SandboxPolicy::Mode::WorkspaceWrite;
    bool network = false; ///< Without a sandbox the network is open anyway.
    bool operator==(const SandboxBound &) const = default;
};

/// The policy where it keeps within the bound, else cut down to it.
SandboxPolicy bounded(SandboxPolicy policy, const SandboxBound &most);

/// Nothing for a word that names no mode.
std::optional<SandboxPolicy::Mode> sandboxModeFromName(QStringView name);

} // namespace nightshift
