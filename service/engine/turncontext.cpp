#include "turncontext.h"

namespace nightshift::engine {

using json::object;

static RawJson sandboxPolicy(const SandboxPolicy &policy)
{
    if (policy.mode != SandboxPolicy::Mode::WorkspaceWrite)
        return object({{"type", sandboxModeName(policy.mode).toString()}});
    return object({{"type", sandboxModeName(policy.mode).toString()},
                   {"writable_roots", json::array(policy.writableRoots)},
                   {"network_access", policy.networkAccess},
                   {"exclude_tmpdir_env_var", policy.excludeTmpdirEnvVar},
                   {"exclude_slash_tmp", policy.excludeSlashTmp}});
}

RawJson turnContext(const Settings &settings, const QString &turnId)
{
    return object({{"turn_id", turnId},
                   {"cwd", settings.cwd},
                   {"approval_policy", QString(approvalName(settings.approval))},
                   {"sandbox_policy", sandboxPolicy(settings.sandbox)},
                   {"model", settings.model},
                   {"model_provider", settings.provider.id},
                   {"effort", settings.reasoningEffort},
                   {"summary", settings.reasoningSummary.value_or(QStringLiteral("none"))}});
}

} // namespace nightshift::engine
