#pragma once
#include "tools/linediff.h"
#include "tools/treeentry.h"
#include <map>

namespace nightshift::tools {

/// What kind of patch is wanted, and what is known beside the trees.
struct PatchForm
{
    enum class Binaries { Whole, Named }; ///< With their bytes, for `git apply`, or only said to differ.
    Binaries binaries = Binaries::Whole;
    Heading headings = Heading::None;
    std::map<QByteArray, QByteArray> movedFrom = {}; ///< By new path the old one; unchanged files are found without.
};

/// The changes as `git apply` takes them, sorted by path: renames, modes, symbolic links and binary files included.
/// Source: git-diff(1), "Generating patch text", and the kernel of `git diff --binary`.
QByteArray gitPatch(std::vector<TreeChange> changes, const PatchForm &form = {});

} // namespace nightshift::tools
