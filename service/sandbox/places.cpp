#include "sandbox/places.h"
#include "sandbox/fd.h"
#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nightshift::sandbox {

static std::string firstLine(const Fd &file)
{
    char text[PATH_MAX + 16];
    const ssize_t size = file ? read(file.get(), text, sizeof text - 1) : 0;
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

bool isKernel(std::string_view path)
{
    return isInside(path, "/proc") || isInside(path, "/sys");
}

std::vector<std::string> gitFolders(int gitFile, const std::string &path)
{
    constexpr std::string_view key = "gitdir: ";
    constexpr int quiet = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    const std::string line = firstLine(Fd(open(("/proc/self/fd/" + std::to_string(gitFile)).c_str(), quiet)));
    if (!line.starts_with(key))
        return {};
    const std::string folder = resolved(path.substr(0, path.rfind('/')), line.substr(key.size()));
    if (folder.empty())
        return {};
    const std::string shared = firstLine(openWithoutLinks(folder + "/commondir", quiet));
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

std::string changeMistake(const std::string &path)
{
    return path + " was moved or replaced while a command was being started, so nothing was run; stop whatever moves "
                  "it, and try again";
}

std::string folderMistake(const std::string &folder, int error)
{
    if (error == ELOOP)
        return "the working folder " + folder +
               " is reached through a symbolic link by now, which could lead elsewhere; replace it by the real folder";
    return "the working folder " + folder + " cannot be entered: " + strerror(error);
}

std::string rootMistake(const std::string &root)
{
    return "the writable folder " + root +
           " is reached through a symbolic link by now; "
           "a link could lead a command out of the sandbox, so nothing is run";
}

bool Places::addRoot(const std::string &root, const std::vector<const char *> &names, std::string &mistake)
{
    if (isKernel(root))
        return true; // no place for files
    const Fd folder = openWithoutLinks(root, O_PATH);
    struct stat info;
    if (!folder || fstat(folder.get(), &info) != 0) {
        if (errno == ELOOP)
            mistake = rootMistake(root);
        return errno != ELOOP; // gone
    }
    m_roots.push_back(root);
    return !S_ISDIR(info.st_mode) || std::ranges::all_of(names, [&](const char *name) {
        return addName(folder.get(), (root == "/" ? "" : root) + '/' + name, mistake);
    });
}

bool Places::addName(int folder, const std::string &path, std::string &mistake)
{
    const Fd file(openat(folder, path.c_str() + path.rfind('/') + 1, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat info;
    const bool exists = file && fstat(file.get(), &info) == 0;
    if (exists && S_ISLNK(info.st_mode)) {
        mistake = linkMistake(path);
        return false;
    }
    m_guarded.push_back(path);
    if (exists && S_ISREG(info.st_mode) && path.ends_with("/.git")) {
        for (std::string &git : gitFolders(file.get(), path))
            m_git.push_back(std::move(git));
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
