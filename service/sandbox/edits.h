#pragma once
#include <string>
#include <vector>

namespace nightshift::sandbox {

/// One line of what writeFiles() reads. Paths are absolute.
struct Edit
{
    enum class Kind { Write, Remove, RemoveFolder, Link };
    Kind kind = Kind::Write;
    std::string path;
    std::string modeOf;
    std::string content; ///< Of Link: where it leads.
};

/// All edits of `input`; false when it is not the whole of what writefiles.h describes.
bool parseEdits(const std::string &input, std::vector<Edit> &edits);

} // namespace nightshift::sandbox
