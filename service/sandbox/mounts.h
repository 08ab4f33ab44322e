#pragma once
#include <string>
#include <vector>

namespace nightshift::sandbox {

/// One place that a command sees otherwise than read-only as it is.
struct Mount
{
    enum class Kind {
        Pinned,   ///< As it is, but a mount point, which nobody can rename.
        Writable, ///< The folder or file `file` at its own place.
        ReadOnly, ///< The same, not writable.
        Empty,    ///< An empty folder over the folder `file`.
        Hidden,   ///< The same, where what lies deeper can be shown again.
        Null,     ///< /dev/null over whatever `file` is.
        Shown,    ///< `file`, read-only, in a hidden folder around `path`.
    };
    Kind kind;
    std::string path;        ///< Absolute, without links.
    int file = -1;           ///< Held open outside: `path` must lead to it. Not of Pinned.
    std::string source = {}; ///< Of Shown: where the file itself is.
};

/// How mounting ended.
struct Mounted
{
    enum class Outcome {
        Done,
        Changed, ///< A path leads elsewhere by now.
        Failed   ///< The machine does not let us.
    };
    Outcome outcome = Outcome::Done;
    std::string mistake;
};

/// Makes the mounts, in their order, in the mount name space that `space` is a descriptor of, with the rights of
/// whoever made that space. All is done on descriptors, and a mount of a folder covers the folder itself: whatever is
/// renamed meanwhile, nothing becomes writable but what the caller holds open.
Mounted mountIn(int space, const std::vector<Mount> &mounts);

} // namespace nightshift::sandbox
