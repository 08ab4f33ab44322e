#pragma once
#include "sandbox/fd.h"
#include <vector>

/// Linux's calls that mount by descriptor. All are false, or not open, with errno.
namespace nightshift::sandbox {

/// A mount of what `file` is, with all that is mounted in it, and not yet anywhere.
Fd cloned(int file);
/// Puts a mount over what `place` is.
bool attach(int tree, int place);
enum class Depth {
    One, ///< The mount itself.
    All  ///< With all that is mounted in it.
};
bool setReadOnly(int tree, Depth depth);
bool setWritable(int tree, Depth depth);

enum class Content { None, Later };
/// A file system in memory with one empty folder. With Content::Later it is writable until it is set read-only.
Fd emptyFolder(Content content);

/// Where something is mounted inside `folder`, relative to it, as the /proc that `processes` is tells.
std::vector<std::string> mountPointsIn(const std::string &folder, int processes);

} // namespace nightshift::sandbox
