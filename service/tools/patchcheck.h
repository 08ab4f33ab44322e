#pragma once
#include "domain/settings.h"
#include "tools/patchplan.h"
#include <functional>

namespace nightshift::tools {

/// Who may write where. `mayWrite` gets absolute paths.
struct WritePolicy
{
    SandboxPolicy::Mode mode = SandboxPolicy::Mode::ReadOnly;
    std::function<bool(const QString &path)> mayWrite;
};

struct CheckedPatch
{
    std::optional<QString> problem; ///< Why nothing can be done, as the model is told; else the plan is good.
    bool isForbidden = false;       ///< The problem is the policy's, and nothing else.
    PatchPlan plan;                 ///< With a problem: only `changes`, as far as the patch could be understood.
};

/// Reads a patch, plans it in the tree as it is and asks the policy. Relative paths start at `cwd`.
CheckedPatch checkPatch(const QString &text, const QString &cwd, const WritePolicy &policy);

} // namespace nightshift::tools
