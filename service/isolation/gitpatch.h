#pragma once
#include "isolation/treeentry.h"

namespace nightshift::isolation {

/// The changes as `git apply` takes them, sorted by path: renames of unchanged files, modes, symbolic links and
/// binary files included. Source: git-diff(1), "Generating patch text", and the kernel of `git diff --binary`.
QByteArray gitPatch(std::vector<TreeChange> changes);

} // namespace nightshift::isolation
