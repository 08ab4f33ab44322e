#pragma once
#include <string>
#include <utility>
#include <vector>

namespace nightshift::sandbox {

/// The files that wait beside others until all edits are carried out: `.nightshift-` and what mkstemp() adds.
///
/// Whoever has some in a folder holds a shared lock on it. One that was killed leaves its files behind; the next
/// that comes to the folder, and finds nobody's lock on it, removes them. Files with more behind their name
/// hold what has no other name any more, and stay.
class SpareFiles
{
public:
    SpareFiles() = default;
    SpareFiles(const SpareFiles &) = delete;
    SpareFiles &operator=(const SpareFiles &) = delete;
    ~SpareFiles();

    /// An empty file beside `target`, open; false with errno.
    bool make(const std::string &target, std::string &name, int &fd);
    /// An empty folder there.
    bool makeFolder(const std::string &target, std::string &name);

    /// Whether nothing is in the folder but spare files.
    static bool areAllIn(const std::string &folder);
    /// Removes such a folder.
    static void removeAll(const std::string &folder);

private:
    std::string nameBeside(const std::string &target);

    std::vector<std::pair<std::string, int>> m_locks; ///< By folder.
};

} // namespace nightshift::sandbox
