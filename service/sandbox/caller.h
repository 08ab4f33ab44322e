#pragma once
#include "sandbox/fd.h"
#include <cstdint>
#include <string>
#include <sys/types.h>

struct seccomp_notif;

namespace nightshift::sandbox {

/// The process whose system call waits for an answer, and what its arguments point to.
class Caller
{
public:
    Caller(int listener, const seccomp_notif &call);

    uint64_t argument(int index) const;
    int number(int index) const { return int(argument(index)); }
    /// The text that an argument points to. False with errno when it cannot be read.
    bool text(int index, std::string &text) const;
    bool bytes(int index, void *buffer, size_t size) const;
    /// Its working folder for AT_FDCWD, else what its descriptor is.
    Fd folder(int fd) const;
    mode_t umask() const;
    /// `path` as it means the same to us: /proc/self is somebody else here.
    std::string ownView(const std::string &path) const;
    /// Whether the call still waits. What was read before this is really of its process.
    bool isWaiting() const;

private:
    std::string proc(const char *what) const;

    int m_listener;
    const seccomp_notif &m_call;
};

} // namespace nightshift::sandbox
