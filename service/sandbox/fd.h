#pragma once
#include <string>

namespace nightshift::sandbox {

/// A descriptor that is closed with its owner.
class Fd
{
public:
    explicit Fd(int fd = -1)
        : m_fd(fd)
    {}
    Fd(Fd &&other) noexcept
        : m_fd(other.m_fd)
    {
        other.m_fd = -1;
    }
    Fd &operator=(Fd &&other) noexcept;
    ~Fd();
    int get() const { return m_fd; }
    explicit operator bool() const { return m_fd >= 0; }
    /// A path that leads to the open file itself, for calls that take no descriptor.
    std::string link() const { return "/proc/self/fd/" + std::to_string(m_fd); }
    /// Where the file is now; with " (deleted)" behind it when it is nowhere. Empty when nobody knows.
    std::string path() const;

private:
    int m_fd;
};

/// Opens an absolute path on which no part is a symbolic link, the last one included, for `flags` beside O_CLOEXEC.
/// Not open, with errno: ELOOP where one is.
Fd openWithoutLinks(const std::string &path, int flags);

/// Device and inode, as text; empty when nothing is open. It is nobody else's while the file is open.
std::string identityOf(int file);
/// Whether both are the same file or folder.
bool areSame(int one, int other);

} // namespace nightshift::sandbox
