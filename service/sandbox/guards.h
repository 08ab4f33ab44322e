#pragma once
#include <string>
#include <vector>

namespace nightshift::sandbox {

/// Keeps protected names at the top of writable folders from being written or created.
///
/// A name that exists is bound read-only over itself. One that is missing needs a mount point: an empty
/// folder of a peculiar mode that we make, hold with a shared lock while a command runs, and remove when
/// nobody else holds it. The lock is on the folder itself, so every user of it is counted wherever it runs,
/// and one whose helper was killed is recognised and removed by the next.
class Guards
{
public:
    ~Guards();
    /// Takes one root and its protected names. False: `mistake` says why.
    bool addRoot(const char *root, const std::vector<const char *> &names, std::string &mistake);
    /// Makes a folder appear empty, anything else as /dev/null, and ignores what is missing.
    void hide(const std::string &path);
    /// Brings back what lies in a hidden folder, to be read.
    void show(const std::string &path);
    /// Makes a folder a mount point, so that nobody renames it; otherwise it stays as it is.
    void pin(const std::string &path);
    /// Appends bubblewrap's options for all of them; they live as long as this.
    void appendTo(std::vector<const char *> &argv) const;
    /// Removes the mount points that nobody uses any more.
    void release();

private:
    bool addName(const std::string &path, std::string &mistake);
    bool addMountPoint(const std::string &path, std::string &mistake);
    void bindLast(const std::string &folder);
    const char *keep(std::string text);

    struct Held
    {
        int fd;
        const char *path;
    };
    std::vector<Held> m_held;
    std::vector<const char *> m_options;
    std::vector<const char *> m_last; ///< What must come after every root, since one may hold it.
    std::vector<char *> m_texts;      ///< What the options point to and we made.
};

} // namespace nightshift::sandbox
