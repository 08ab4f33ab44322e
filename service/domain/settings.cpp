#include "settings.h"

using namespace Qt::StringLiterals;

namespace nightshift {

QLatin1StringView sandboxModeName(SandboxPolicy::Mode mode)
{
    switch (mode) {
    case SandboxPolicy::Mode::ReadOnly:
        return "read-only"_L1;
    case SandboxPolicy::Mode::WorkspaceWrite:
        return "workspace-write"_L1;
    case SandboxPolicy::Mode::DangerFullAccess:
        return "danger-full-access"_L1;
    }
    Q_UNREACHABLE_RETURN({});
}

bool Settings::feature(QStringView name, bool otherwise) const
{
    for (const auto &[known, enabled] : features) {
        if (known == name)
            return enabled;
    }
    return otherwise;
}

} // namespace nightshift
