#pragma once
#include "sandbox/arguments.h"
#include <string>

namespace nightshift::sandbox {

/// One place of a command's view of the files.
struct Mounted
{
    enum class Kind {
        Root,   ///< Writable, but for its protected names.
        Pinned, ///< As it is, but a mount point, which nobody can rename.
        Hidden,
        Shown
    };
    Kind kind;
    std::string path;
    bool operator==(const Mounted &) const = default;
};

/// The places of a command in the order in which they must be mounted: a folder before what lies in it, and at the
/// same path hidden after all. Folders between a writable root and something hidden are pinned; a command could
/// move them otherwise, and the next one would find there what is hidden.
std::vector<Mounted> mountOrder(const Arguments &arguments);

} // namespace nightshift::sandbox
