#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace nightshift::sandbox {

/// Whether the path is the folder or lies in it. Both without links.
bool isInside(std::string_view path, std::string_view folder);

/// Whether writing there changes the machine, not files.
bool isKernel(std::string_view path);

/// A worktree's `.git` is a file: "gitdir: PATH". What it names, and the repository behind, are as precious;
/// canonical folders, empty when the file names none. `gitFile` is a descriptor of it, `path` where it lies.
std::vector<std::string> gitFolders(int gitFile, const std::string &path);

/// Why a protected name that is a symbolic link cannot be protected.
std::string linkMistake(const std::string &path);
/// Why a writable folder that is reached through a symbolic link is none.
std::string rootMistake(const std::string &root);
/// Why a working folder cannot be entered.
std::string folderMistake(const std::string &folder, int error);
/// Why nothing is run where a path leads elsewhere than it did when the command was prepared.
std::string changeMistake(const std::string &path);

/// Which paths may be written, where no mount says so: inside a root and not under a protected name.
class Places
{
public:
    /// Takes one root and its protected names. False: `mistake` says why.
    bool addRoot(const std::string &root, const std::vector<const char *> &names, std::string &mistake);
    /// Nothing may be written there, unless it is inside a root that is.
    void hide(const char *path) { m_hidden.emplace_back(path); }

    /// `path` is canonical but for its last part. The longest path that says something about it decides, as
    /// among mounts; git's own folders are protected wherever they lie.
    bool mayWrite(std::string_view path) const;
    /// Whether moving or removing `path` would take a root or a protected name along.
    bool isHeld(std::string_view path) const;
    /// Whether a root holds something hidden. Then reading is granted to what is in the root one by one, and what
    /// is made there later must be opened for the command.
    bool opensForReading() const;

    const std::vector<std::string> &hidden() const { return m_hidden; }
    const std::vector<std::string> &roots() const { return m_roots; }

private:
    bool addName(int folder, const std::string &path, std::string &mistake);

    std::vector<std::string> m_roots;
    std::vector<std::string> m_guarded;
    std::vector<std::string> m_git;
    std::vector<std::string> m_hidden;
};

} // namespace nightshift::sandbox
