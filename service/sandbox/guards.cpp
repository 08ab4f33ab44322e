#include "sandbox/guards.h"
#include "sandbox/places.h"
#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace nightshift::sandbox {

/// Nobody else makes an empty folder like this: it says that the folder is ours to remove.
constexpr mode_t ours = S_ISVTX | 0555;

static std::string nameOf(const std::string &path)
{
    return path.substr(path.rfind('/') + 1);
}

int Guards::keep(Fd file)
{
    m_files.push_back(std::move(file));
    return m_files.back().get();
}

bool Guards::isInRoot(const std::string &path) const
{
    return std::ranges::any_of(m_roots, [&](const std::string &root) { return path != root && isInside(path, root); });
}

std::vector<Mount> Guards::mounts() const
{
    std::vector<Mount> all = m_mounts, git = m_git;
    std::erase_if(git, [&](const Mount &mount) { return !isInRoot(mount.path); }); // read-only anyway
    // Folders between a root and what lies in it become mount points as well: a command could move them otherwise,
    // and the next one would find there what it must not write.
    for (const auto *mounts : {&m_mounts, &m_git}) {
        for (const Mount &mount : *mounts) {
            for (size_t end = mount.path.find('/', 1); end != std::string::npos; end = mount.path.find('/', end + 1)) {
                const std::string folder = mount.path.substr(0, end);
                if (isInRoot(folder) && !std::ranges::contains(all, folder, &Mount::path))
                    all.push_back({Mount::Kind::Pinned, folder});
            }
        }
    }
    std::ranges::sort(all, {}, [](const Mount &mount) { return std::pair(mount.path.size(), mount.kind); });
    all.insert(all.end(), git.begin(), git.end());
    return all;
}

bool Guards::hide(const std::string &path, std::string &mistake)
{
    Fd file = openWithoutLinks(path, O_PATH);
    struct stat info;
    if (!file || fstat(file.get(), &info) != 0) {
        if (errno == ELOOP)
            mistake = changeMistake(path);
        return errno != ELOOP;
    }
    m_mounts.push_back({S_ISDIR(info.st_mode) ? Mount::Kind::Hidden : Mount::Kind::Null, path, keep(std::move(file))});
    return true;
}

void Guards::show(const std::string &path)
{
    char real[PATH_MAX];
    Fd file = realpath(path.c_str(), real) ? openWithoutLinks(real, O_PATH) : Fd();
    if (file)
        m_mounts.push_back({Mount::Kind::Shown, path, keep(std::move(file)), real});
}

bool Guards::addRoot(const std::string &root, const std::vector<const char *> &names, std::string &mistake)
{
    if (isKernel(root))
        return true; // no place for files
    Fd file = openWithoutLinks(root, O_PATH);
    struct stat info;
    if (!file || fstat(file.get(), &info) != 0) {
        // A command may have moved a folder away and left a link since the root was resolved.
        if (errno == ELOOP)
            mistake = rootMistake(root);
        return errno != ELOOP; // gone: nothing to write there
    }
    const int folder = keep(std::move(file));
    const bool isWhole = root == "/"; // bound writable in the first place
    if (!isWhole)
        m_mounts.push_back({Mount::Kind::Writable, root, folder});
    m_roots.push_back(root);
    if (!S_ISDIR(info.st_mode))
        return true;
    return std::ranges::all_of(
        names, [&](const char *name) { return addName(folder, (isWhole ? "" : root) + '/' + name, mistake); });
}

bool Guards::addName(int folder, const std::string &path, std::string &mistake)
{
    Fd file(openat(folder, nameOf(path).c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat info;
    if (!file || fstat(file.get(), &info) != 0)
        return addMountPoint(folder, path, mistake);
    if (S_ISLNK(info.st_mode)) {
        mistake = linkMistake(path);
        return false;
    }
    if (S_ISDIR(info.st_mode) && (info.st_mode & 07777) == ours)
        return addMountPoint(folder, path, mistake);
    const int held = keep(std::move(file));
    m_mounts.push_back({Mount::Kind::ReadOnly, path, held});
    return !S_ISREG(info.st_mode) || !path.ends_with("/.git") || addGitFolders(held, path, mistake);
}

bool Guards::addGitFolders(int gitFile, const std::string &path, std::string &mistake)
{
    for (const std::string &folder : gitFolders(gitFile, path)) {
        Fd file = openWithoutLinks(folder, O_PATH);
        if (!file) {
            mistake = changeMistake(folder);
            return false;
        }
        m_git.push_back({Mount::Kind::ReadOnly, folder, keep(std::move(file))});
    }
    return true;
}

bool Guards::addMountPoint(int folder, const std::string &path, std::string &mistake)
{
    const std::string name = nameOf(path);
    const auto refuse = [&](int reason) {
        mistake = path + " cannot be protected: " + strerror(reason);
        return false;
    };
    while (true) {
        const mode_t mask = umask(0);
        const bool made = mkdirat(folder, name.c_str(), ours) == 0;
        umask(mask);
        if (!made && errno != EEXIST) {
            struct stat parent;
            const int reason = errno;
            if (fstat(folder, &parent) == 0 && parent.st_uid != geteuid() && reason != ENOSPC)
                return true; // we may not create it, so neither may the command
            return reason == EROFS || refuse(reason);
        }
        Fd point(openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
        if (!point && errno == ENOENT)
            continue; // its last user removed it just now
        struct stat held;
        if (!point || flock(point.get(), LOCK_SH) != 0 || fstat(point.get(), &held) != 0)
            return refuse(errno);
        if (held.st_nlink == 0)
            continue; // removed between our open and our lock
        const int kept = keep(std::move(point));
        m_held.push_back({kept, folder, name});
        m_mounts.push_back({Mount::Kind::Empty, path, kept}); // nothing of it reaches the disk
        return true;
    }
}

void Guards::release()
{
    for (const Held &held : m_held) {
        const Fd now(openat(held.folder, held.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        if (now && areSame(now.get(), held.point) && flock(held.point, LOCK_EX | LOCK_NB) == 0)
            unlinkat(held.folder, held.name.c_str(), AT_REMOVEDIR); // fails, as it should, when it is not empty
    }
    m_held.clear();
    m_files.clear();
}

} // namespace nightshift::sandbox
