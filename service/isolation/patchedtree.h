#pragma once
#include "isolation/git.h"
#include "isolation/treeentry.h"

namespace nightshift::isolation {

/// What applying a patch would make of Git's working tree, as `git apply` would have it, whole or not at all. Nothing
/// is written there: that is for carryOut(), with `model` the folder that holds the new files.
struct PatchedTree
{
    std::vector<TreeChange> changes;
    QByteArray model;
};

/// `git` is one that can write. Denied, with Git's words, where the patch does not fit.
Result<PatchedTree> patchedTree(const Git &git, const QByteArray &patch);

} // namespace nightshift::isolation
