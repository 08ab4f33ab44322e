#include "sandbox/caller.h"
#include "sandbox/number.h"
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace nightshift::sandbox {

Caller::Caller(int listener, const seccomp_notif &call)
    : m_listener(listener)
    , m_call(call)
{}

uint64_t Caller::argument(int index) const
{
    return m_call.data.args[index];
}

std::string Caller::proc(const char *what) const
{
    return "/proc/" + std::to_string(m_call.pid) + '/' + what;
}

bool Caller::bytes(int index, void *buffer, size_t size) const
{
    iovec here{buffer, size};
    iovec there{reinterpret_cast<void *>(argument(index)), size};
    return process_vm_readv(pid_t(m_call.pid), &here, 1, &there, 1, 0) == ssize_t(size);
}

bool Caller::text(int index, std::string &text) const
{
    constexpr uint64_t page = 4096; // never over the end of one: the next may not be there
    text.clear();
    uint64_t at = argument(index);
    while (text.size() < PATH_MAX) {
        char buffer[page];
        const size_t size = page - at % page;
        iovec here{buffer, size};
        iovec there{reinterpret_cast<void *>(at), size};
        const ssize_t got = process_vm_readv(pid_t(m_call.pid), &here, 1, &there, 1, 0);
        if (got <= 0) {
            errno = errno == EFAULT ? EFAULT : EPERM;
            return false;
        }
        const size_t length = strnlen(buffer, size_t(got));
        text.append(buffer, length);
        if (length < size_t(got))
            return true;
        at += uint64_t(got);
    }
    errno = ENAMETOOLONG;
    return false;
}

Fd Caller::folder(int fd) const
{
    if (fd == AT_FDCWD)
        return Fd(open(proc("cwd").c_str(), O_PATH | O_CLOEXEC));
    return Fd(open((proc("fd/") + std::to_string(fd)).c_str(), O_PATH | O_CLOEXEC));
}

mode_t Caller::umask() const
{
    const Fd status(open(proc("status").c_str(), O_RDONLY | O_CLOEXEC));
    char text[256] = {};
    if (!status || read(status.get(), text, sizeof text - 1) <= 0)
        return 0077;
    const char *line = strstr(text, "\nUmask:");
    return line ? toNumber<mode_t>(line + strlen("\nUmask:"), 8) : 0077;
}

std::string Caller::ownView(const std::string &path) const
{
    const auto instead = [&](std::string_view prefix, const char *what) {
        return proc(what) + path.substr(prefix.size());
    };
    for (const std::string_view prefix : {"/proc/self/", "/proc/thread-self/"}) {
        if (path.starts_with(prefix))
            return instead(prefix, "");
    }
    if (path.starts_with("/dev/fd/"))
        return instead("/dev/fd/", "fd/");
    if (path == "/dev/stdin" || path == "/dev/stdout" || path == "/dev/stderr")
        return proc(path == "/dev/stdin" ? "fd/0" : path == "/dev/stdout" ? "fd/1" : "fd/2");
    return path;
}

bool Caller::isWaiting() const
{
    return ioctl(m_listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &m_call.id) == 0;
}

} // namespace nightshift::sandbox
