#include "sandbox/places.h"
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nightshift::sandbox {

bool hasSymbolicLink(const char *path)
{
    open_how how{.flags = O_PATH | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_NO_SYMLINKS};
    const long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    if (fd >= 0) {
        close(int(fd));
        return false;
    }
    if (errno == ELOOP)
        return true;
    char resolved[PATH_MAX]; // before Linux 5.6, or a container that does not know the call
    return errno != ENOENT && realpath(path, resolved) && strcmp(path, resolved) != 0;
}

static std::string firstLine(const std::string &path)
{
    char text[PATH_MAX + 16];
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    const ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    const std::string whole(text, size > 0 ? size_t(size) : 0);
    return whole.substr(0, whole.find('\n'));
}

static std::string resolved(const std::string &base, const std::string &path)
{
    char real[PATH_MAX];
    return realpath((path.starts_with('/') ? path : base + '/' + path).c_str(), real) ? real : std::string();
}

bool isInside(std::string_view path, std::string_view folder)
{
    return folder == "/" || (path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/'));
}

/// Writing there changes the machine, not files.
static bool isKernel(std::string_view path)
{
    return isInside(path, "/proc") || isInside(path, "/sys");
}

std::vector<std::string> gitFolders(const std::string &gitFile)
{
    constexpr std::string_view key = "gitdir: ";
    const std::string line = firstLine(gitFile);
    if (!line.starts_with(key))
        return {};
    const std::string folder = resolved(gitFile.substr(0, gitFile.rfind('/')), line.substr(key.size()));
    if (folder.empty())
        return {};
    const std::string shared = firstLine(folder + "/commondir");
    const std::string common = shared.empty() ? std::string() : resolved(folder, shared);
    std::vector<std::string> found;
    if (!common.empty() && common != folder)
        found.push_back(common);
    if (common.empty() || !isInside(folder, common))
        found.push_back(folder);
    return found;
}

std::string linkMistake(const std::string &path)
{
    return path + " is a symbolic link, and the sandbox cannot protect what it leads to; replace it by the "
                  "real folder, or make its folder not writable";
}

std::string rootMistake(const char *root)
{
    return std::string("the writable folder ") + root +
           " is reached through a symbolic link by now; "
           "a link could lead a command out of the sandbox, so nothing is run";
}

bool Places::addRoot(const char *root, const std::vector<const char *> &names, std::string &mistake)
{
    if (hasSymbolicLink(root)) {
        mistake = rootMistake(root);
        return false;
    }
    struct stat info;
    if (lstat(root, &info) != 0 || isKernel(root))
        return true; // gone, or no place for files
    m_roots.emplace_back(root);
    if (!S_ISDIR(info.st_mode))
        return true;
    for (const char *name : names) {
        const std::string path = std::string(strcmp(root, "/") == 0 ? "" : root) + '/' + name;
        const bool exists = lstat(path.c_str(), &info) == 0;
        if (exists && S_ISLNK(info.st_mode)) {
            mistake = linkMistake(path);
            return false;
        }
        m_guarded.push_back(path);
        if (exists && S_ISREG(info.st_mode) && path.ends_with("/.git")) {
            for (std::string &folder : gitFolders(path))
                m_git.push_back(std::move(folder));
        }
    }
    return true;
}

bool Places::mayWrite(std::string_view path) const
{
    if (isKernel(path))
        return false;
    size_t decided = 0;
    bool isAllowed = false;
    for (const std::string &root : m_roots) {
        if (isInside(path, root) && root.size() > decided) {
            decided = root.size();
            isAllowed = true;
        }
    }
    for (const std::string &guarded : m_guarded) {
        if (isInside(path, guarded) && guarded.size() > decided)
            isAllowed = false;
    }
    for (const std::string &folder : m_git) {
        if (isInside(path, folder))
            isAllowed = false;
    }
    for (const std::string &hidden : m_hidden) {
        if (isInside(path, hidden) && hidden.size() >= decided)
            isAllowed = false;
    }
    return isAllowed;
}

bool Places::opensForReading() const
{
    for (const std::string &root : m_roots) {
        for (const std::string &hidden : m_hidden) {
            if (isInside(hidden, root))
                return true;
        }
    }
    return false;
}

bool Places::isHeld(std::string_view path) const
{
    for (const auto *held : {&m_roots, &m_guarded, &m_git, &m_hidden}) {
        for (const std::string &one : *held) {
            if (isInside(one, path))
                return true;
        }
    }
    return false;
}

} // namespace nightshift::sandbox
