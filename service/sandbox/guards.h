#pragma once
#include "sandbox/fd.h"
#include "sandbox/mounts.h"

namespace nightshift::sandbox {

/// What a command sees otherwise than it is: writable roots, protected names at their top, and what is hidden.
///
/// Everything is opened once, without following links, and stays open until the command has ended.
///
/// A protected name that exists is covered read-only by itself. One that is missing needs a mount point: an empty
/// folder of a peculiar mode that we make, hold with a shared lock while a command runs, and remove when
/// nobody else holds it. The lock is on the folder itself, so every user of it is counted wherever it runs,
/// and one whose helper was killed is recognised and removed by the next.
class Guards
{
public:
    ~Guards() { release(); }
    /// Takes one root and its protected names; shorter paths first. False: `mistake` says why.
    bool addRoot(const std::string &root, const std::vector<const char *> &names, std::string &mistake);
    /// Makes a folder appear empty, anything else as /dev/null, and ignores what is missing.
    bool hide(const std::string &path, std::string &mistake);
    /// Brings back what lies in a hidden folder, to be read.
    void show(const std::string &path);
    /// All of them, a folder before what lies in it.
    std::vector<Mount> mounts() const;
    /// Removes the mount points that nobody uses any more.
    void release();

private:
    bool addName(int folder, const std::string &path, std::string &mistake);
    bool addMountPoint(int folder, const std::string &path, std::string &mistake);
    bool addGitFolders(int gitFile, const std::string &path, std::string &mistake);
    int keep(Fd file);
    bool isInRoot(const std::string &path) const;

    struct Held
    {
        int point;
        int folder;
        std::string name;
    };
    std::vector<Fd> m_files;
    std::vector<Held> m_held;
    std::vector<std::string> m_roots;
    std::vector<Mount> m_mounts;
    std::vector<Mount> m_git; ///< Protected wherever they lie, so mounted last.
};

} // namespace nightshift::sandbox
