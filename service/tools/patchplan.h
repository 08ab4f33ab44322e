#pragma once
#include "domain/event.h"
#include "tools/fileedit.h"
#include "tools/patch.h"

namespace nightshift::tools {

/// What a patch comes to, in a tree as it is now.
struct PatchPlan
{
    std::vector<FileEdit> edits;     ///< To be done in this order, all or none.
    std::vector<FileChange> changes; ///< One for a path, sorted by path.
    QString summary;                 ///< What the model is told when it is done: `A new.txt` and so on.
    bool operator==(const PatchPlan &) const = default;
};

/// Works out every edit; reads the files concerned and writes nothing. Relative paths start at `cwd`.
/// Hunks of one file build on each other, but a file that a hunk moves is done with.
Result<PatchPlan> planPatch(const Patch &patch, const QString &cwd);

} // namespace nightshift::tools
