#pragma once
#include <string>
#include <vector>

namespace nightshift::sandbox {

/// One line of what writeFiles() reads. Paths are absolute.
struct Edit
{
    bool remove = false;
    std::string path;
    std::string modeOf;
    std::string content;
};

/// All edits of `input`; false when it is not the whole of what writefiles.h describes.
bool parseEdits(const std::string &input, std::vector<Edit> &edits);

} // namespace nightshift::sandbox
