#pragma once
#include <cerrno>
#include <cstddef>
#include <linux/audit.h>
#include <linux/fiemap.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <vector>

/// At build time only: the requests that commands may make with ioctl() where no read-only mount stands in front of
/// files.
///
/// Many requests change a file, or its whole file system, through a descriptor that was opened for reading: flags,
/// versions, labels, layouts, encryption, verity. Each file system has its own, so no list of them is ever complete;
/// here are those that change nothing, or nothing but a file opened for writing, which only the broker opens.
namespace ioctlgate {

inline constexpr unsigned harmless[] = {
    FIGETBSZ,          FICLONE,
    FICLONERANGE, // into a file that is open for writing
    FS_IOC_FIEMAP,     FS_IOC_GETFLAGS,  FS_IOC32_GETFLAGS, FS_IOC_GETVERSION, FS_IOC32_GETVERSION,
    FS_IOC_FSGETXATTR, FS_IOC_GETFSLABEL};
/// In the second byte: terminals, and what every descriptor has (FIONREAD, FIONBIO, FIOCLEX); sockets.
inline constexpr unsigned harmlessKinds[] = {0x54, 0x89};
/// But not these, which type into the terminal of somebody else.
inline constexpr unsigned harmful[] = {TIOCSTI, TIOCLINUX};

/// Instructions to put in front of a filter: they decide every ioctl() of this processor and leave all else to it.
/// What is not allowed fails with ENOTTY, which programs know as: this file has no such thing.
inline std::vector<sock_filter> program(unsigned processor, unsigned ioctlNumber)
{
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "an argument's lower half comes first");
    const auto load = [](size_t at) { return sock_filter(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, unsigned(at))); };
    std::vector<sock_filter> decide{load(offsetof(seccomp_data, args) + sizeof(__u64))};
    const auto answer = [&](unsigned value, unsigned action) {
        decide.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
        decide.push_back(BPF_STMT(BPF_RET | BPF_K, action));
    };
    for (const unsigned request : harmful)
        answer(request, SECCOMP_RET_ERRNO | EPERM);
    for (const unsigned request : harmless)
        answer(request, SECCOMP_RET_ALLOW);
    decide.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff00));
    for (const unsigned kind : harmlessKinds)
        answer(kind << 8, SECCOMP_RET_ALLOW);
    decide.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY));

    const auto past = __u8(decide.size());
    std::vector<sock_filter> gate{
        load(offsetof(seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, processor, 0, __u8(past + 2)),
        load(offsetof(seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ioctlNumber, 0, past)};
    gate.insert(gate.end(), decide.begin(), decide.end());
    return gate;
}

} // namespace ioctlgate
