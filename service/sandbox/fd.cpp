#include "sandbox/fd.h"
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nightshift::sandbox {

Fd &Fd::operator=(Fd &&other) noexcept
{
    const int old = m_fd;
    m_fd = other.m_fd;
    other.m_fd = old;
    return *this;
}

Fd::~Fd()
{
    if (m_fd >= 0)
        close(m_fd);
}

std::string Fd::path() const
{
    char text[PATH_MAX];
    const ssize_t size = readlink(link().c_str(), text, sizeof text);
    return size > 0 ? std::string(text, size_t(size)) : std::string();
}

/// Name by name, each in the folder that the one before turned out to be.
static Fd walkWithoutLinks(const std::string &path, int flags)
{
    Fd at(open("/", O_PATH | O_CLOEXEC));
    for (size_t begin = 1, end; begin <= path.size(); begin = end + 1) {
        end = path.find('/', begin);
        if (end == std::string::npos)
            end = path.size();
        const std::string name = path.substr(begin, end - begin);
        if (name.empty() || name == ".")
            continue;
        at = Fd(openat(at.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat info;
        if (!at || fstat(at.get(), &info) != 0)
            return Fd();
        if (S_ISLNK(info.st_mode)) {
            errno = ELOOP;
            return Fd();
        }
    }
    return at && !(flags & O_PATH) ? Fd(open(at.link().c_str(), flags | O_CLOEXEC)) : std::move(at);
}

Fd openWithoutLinks(const std::string &path, int flags)
{
    open_how how{.flags = __u64(flags | O_CLOEXEC), .mode = 0, .resolve = RESOLVE_NO_SYMLINKS};
    const long fd = syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how);
    // EPERM: a container's filter that is older than the call.
    return fd < 0 && (errno == ENOSYS || errno == EPERM) ? walkWithoutLinks(path, flags) : Fd(int(fd));
}

std::string identityOf(int file)
{
    struct stat info;
    return fstat(file, &info) == 0 ? std::to_string(info.st_dev) + ':' + std::to_string(info.st_ino) : std::string();
}

bool areSame(int one, int other)
{
    const std::string identity = identityOf(one);
    return !identity.empty() && identity == identityOf(other);
}

} // namespace nightshift::sandbox
