#include "sandbox/guards.h"
#include "sandbox/places.h"
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nightshift::sandbox {

/// Nobody else makes an empty folder like this: it says that the folder is ours to remove.
constexpr mode_t ours = S_ISVTX | 0555;

Guards::~Guards()
{
    release();
    for (char *text : m_texts)
        free(text);
}

const char *Guards::keep(std::string text)
{
    m_texts.push_back(strdup(text.c_str()));
    return m_texts.back();
}

void Guards::appendTo(std::vector<const char *> &argv) const
{
    argv.insert(argv.end(), m_options.begin(), m_options.end());
    argv.insert(argv.end(), m_last.begin(), m_last.end());
}

void Guards::hide(const std::string &path)
{
    struct stat info;
    if (stat(path.c_str(), &info) != 0)
        return;
    const char *kept = keep(path);
    if (S_ISDIR(info.st_mode)) {
        m_options.insert(m_options.end(), {"--perms", "555", "--tmpfs", kept});
        m_last.insert(m_last.end(), {"--remount-ro", kept}); // once what is shown in it has its mount points
    } else {
        m_options.insert(m_options.end(), {"--ro-bind", "/dev/null", kept});
    }
}

void Guards::show(const std::string &path)
{
    const char *kept = keep(path);
    m_options.insert(m_options.end(), {"--ro-bind-try", kept, kept});
}

void Guards::pin(const std::string &path)
{
    const char *kept = keep(path);
    m_options.insert(m_options.end(), {"--bind-try", kept, kept});
}

void Guards::bindLast(const std::string &folder)
{
    const char *kept = keep(folder);
    m_last.insert(m_last.end(), {"--ro-bind", kept, kept});
}

bool Guards::addRoot(const char *root, const std::vector<const char *> &names, std::string &mistake)
{
    // A command may have moved a folder away and left a link since the root was resolved.
    if (hasSymbolicLink(root)) {
        mistake = rootMistake(root);
        return false;
    }
    struct stat info;
    if (lstat(root, &info) != 0)
        return true;                             // gone: nothing to write there
    const bool isWhole = strcmp(root, "/") == 0; // bound writable in the first place
    if (!isWhole)
        m_options.insert(m_options.end(), {"--bind", root, root});
    if (!S_ISDIR(info.st_mode))
        return true;
    for (const char *name : names) {
        if (!addName(std::string(isWhole ? "" : root) + '/' + name, mistake))
            return false;
    }
    return true;
}

bool Guards::addName(const std::string &path, std::string &mistake)
{
    struct stat info;
    if (lstat(path.c_str(), &info) != 0)
        return addMountPoint(path, mistake);
    if (S_ISLNK(info.st_mode)) {
        mistake = linkMistake(path);
        return false;
    }
    if (S_ISDIR(info.st_mode) && (info.st_mode & 07777) == ours)
        return addMountPoint(path, mistake);
    const char *kept = keep(path);
    m_options.insert(m_options.end(), {"--ro-bind", kept, kept});
    if (S_ISREG(info.st_mode) && path.ends_with("/.git")) {
        for (const std::string &folder : gitFolders(path))
            bindLast(folder);
    }
    return true;
}

bool Guards::addMountPoint(const std::string &path, std::string &mistake)
{
    while (true) {
        const mode_t mask = umask(0);
        const bool made = mkdir(path.c_str(), ours) == 0;
        umask(mask);
        if (!made && errno != EEXIST) {
            struct stat parent;
            const std::string folder = path.substr(0, path.rfind('/') + 1);
            const int reason = errno;
            if (stat(folder.c_str(), &parent) == 0 && parent.st_uid != geteuid() && reason != ENOSPC)
                return true; // we may not create it, so neither may the command
            if (reason == EROFS)
                return true;
            mistake = path + " cannot be protected: " + strerror(reason);
            return false;
        }
        const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT)
            continue; // its last user removed it just now
        struct stat held;
        if (fd < 0 || flock(fd, LOCK_SH) != 0 || fstat(fd, &held) != 0) {
            mistake = path + " cannot be protected: " + strerror(errno);
            if (fd >= 0)
                close(fd);
            return false;
        }
        if (held.st_nlink == 0) { // removed between our open and our lock
            close(fd);
            continue;
        }
        const char *kept = keep(path);
        m_held.push_back({fd, kept});
        // Its owner can open this folder in memory and write there; nothing of it reaches the disk.
        m_options.insert(m_options.end(), {"--size", "4096", "--perms", "555", "--tmpfs", kept});
        return true;
    }
}

void Guards::release()
{
    for (const Held &held : m_held) {
        if (flock(held.fd, LOCK_EX | LOCK_NB) == 0)
            rmdir(held.path); // fails, as it should, when somebody on the host has put something there
        close(held.fd);
    }
    m_held.clear();
}

} // namespace nightshift::sandbox
