/// Writes the system call filters as C arrays of raw BPF, at build time: `seccompfilters OUT`.
#include "sandbox/ioctlgate.h"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <initializer_list>
#include <sched.h>
#include <seccomp.h>
#include <string>
#include <sys/socket.h>
#include <utility>

static void check(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "%s: error %d\n", what, -result);
        exit(1);
    }
}

static const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);

static void deny(scmp_filter_ctx filter, const char *name)
{
    const int number = seccomp_syscall_resolve_name(name);
    if (number != __NR_SCMP_ERROR && number >= 0) // newer than this libseccomp, or not of this processor
        check(seccomp_rule_add(filter, refuse, number, 0), name);
}

static void denyIf(scmp_filter_ctx filter, int call, scmp_arg_cmp condition)
{
    check(seccomp_rule_add(filter, refuse, call, 1, condition), "a conditional rule");
}

/// Doors to the kernel that no build or test needs, whatever the network setting.
static void denyAlways(scmp_filter_ctx filter)
{
    const char *const names[] = {
        // other views of the file system
        "mount", "umount", "umount2", "pivot_root", "chroot", "open_tree", "open_tree_attr", "move_mount", "fsopen",
        "fsconfig", "fsmount", "fspick", "mount_setattr", "unshare", "setns", "open_by_handle_at", "quotactl",
        "quotactl_fd",
        // keys of the session
        "keyctl", "add_key", "request_key",
        // large attack surfaces
        "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
        "fanotify_init", "pidfd_getfd", "kcmp", "lookup_dcookie", "nfsservctl",
        // the machine itself
        "init_module", "finit_module", "delete_module", "create_module", "kexec_load", "kexec_file_load", "reboot",
        "swapon", "swapoff", "acct", "syslog", "sethostname", "setdomainname", "settimeofday", "clock_settime",
        "clock_adjtime", "iopl", "ioperm", "vhangup"};
    for (const char *name : names)
        deny(filter, name);

    // New user namespaces would open mounts, networks and key rings again. clone3 keeps its flags in memory,
    // where no filter can look; without it the C library falls back to clone.
    for (const int flag :
         {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP})
        denyIf(filter, SCMP_SYS(clone), SCMP_A0_64(SCMP_CMP_MASKED_EQ, scmp_datum_t(flag), scmp_datum_t(flag)));
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
    for (const unsigned request : ioctlgate::harmful)
        denyIf(filter, SCMP_SYS(ioctl), SCMP_A1_32(SCMP_CMP_EQ, request));
}

/// Refuses sockets of every other type.
static void allowTypes(scmp_filter_ctx filter, int call, std::initializer_list<int> allowed)
{
    constexpr int types = 0xf; // beside them in the argument: SOCK_CLOEXEC, SOCK_NONBLOCK
    for (int type = 0; type <= types; ++type) {
        if (std::ranges::find(allowed, type) == allowed.end())
            denyIf(filter, call, SCMP_A1_64(SCMP_CMP_MASKED_EQ, types, scmp_datum_t(type)));
    }
}

/// Socket pairs that reach nothing but their other end. A datagram socket needs no connect(): each message may name
/// another receiver, even in a pair, and names it in memory, where no filter can look. SOCK_RAW is the same to Linux.
static void denyDatagramPairs(scmp_filter_ctx filter)
{
    allowTypes(filter, SCMP_SYS(socketpair), {SOCK_STREAM, SOCK_SEQPACKET});
}

/// Only socket pairs: what they are used with stays, what names a peer goes.
static void denyNetwork(scmp_filter_ctx filter)
{
    denyDatagramPairs(filter);
    allowTypes(filter, SCMP_SYS(socket), {SOCK_STREAM}); // never connected, but some programs fail without it
    for (const char *name : {"connect", "accept", "accept4", "bind", "listen", "sendmmsg", "recvmmsg", "ptrace",
                             "process_vm_readv", "process_vm_writev", "process_madvise"})
        deny(filter, name);
    for (const int call : {SCMP_SYS(socket), SCMP_SYS(socketpair)})
        denyIf(filter, call, SCMP_A0_32(SCMP_CMP_NE, AF_UNIX));
    denyIf(filter, SCMP_SYS(sendto), SCMP_A4_64(SCMP_CMP_NE, 0)); // with an address
}

/// The internet and what resolving names takes; nothing that talks to the hypervisor or to drivers.
static void denyOddFamilies(scmp_filter_ctx filter)
{
    for (const int call : {SCMP_SYS(socket), SCMP_SYS(socketpair)}) {
        for (int family = 0; family <= AF_NETLINK; ++family) {
            if (family != AF_UNIX && family != AF_INET && family != AF_INET6 && family != AF_NETLINK)
                denyIf(filter, call, SCMP_A0_32(SCMP_CMP_EQ, scmp_datum_t(family)));
        }
        denyIf(filter, call, SCMP_A0_32(SCMP_CMP_GT, AF_NETLINK));
    }
}

// From here on: what name spaces do for bubblewrap's commands, and Landlock does not.

/// Other processes of this user, and what all processes of the machine share.
static void denyNeighbours(scmp_filter_ctx filter)
{
    for (const char *name :
         {"shmget", "shmat", "shmctl", "semget", "semop", "semctl", "semtimedop", "msgget", "msgsnd", "msgrcv",
          "msgctl", "mq_open", "mq_unlink", "process_mrelease", "migrate_pages", "move_pages"})
        deny(filter, name);
    // By the number of a process: only one's own.
    for (const char *name : {"sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity", "prlimit64"})
        denyIf(filter, seccomp_syscall_resolve_name(name), SCMP_A0_32(SCMP_CMP_NE, 0));
    for (const char *name : {"setpriority", "ioprio_set"}) {
        denyIf(filter, seccomp_syscall_resolve_name(name), SCMP_A1_32(SCMP_CMP_NE, 0));
        denyIf(filter, seccomp_syscall_resolve_name(name), SCMP_A0_32(SCMP_CMP_GT, 1)); // all of a user's
    }
    // Programs do without these where a kernel lacks them.
    const uint32_t tooOld = SCMP_ACT_ERRNO(ENOSYS);
    check(seccomp_rule_add(filter, tooOld, SCMP_SYS(pidfd_open), 0), "pidfd_open");
    check(seccomp_rule_add(filter, tooOld, SCMP_SYS(openat2), 0), "openat2");
    for (const int number : {452, 463, 466, 469}) // fchmodat2, setxattrat, removexattrat, file_setattr
        check(seccomp_rule_add(filter, tooOld, number, 0), "a newer call");
}

static void ask(scmp_filter_ctx filter, const char *name)
{
    const int number = seccomp_syscall_resolve_name(name);
    if (number != __NR_SCMP_ERROR && number >= 0)
        check(seccomp_rule_add(filter, SCMP_ACT_NOTIFY, number, 0), name);
}

static void askIfWriting(scmp_filter_ctx filter, const char *name, unsigned argument)
{
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || number < 0)
        return;
    for (const auto &[mask, value] :
         {std::pair{O_ACCMODE, O_WRONLY}, {O_ACCMODE, O_RDWR}, {O_CREAT, O_CREAT}, {O_TRUNC, O_TRUNC}})
        check(seccomp_rule_add(filter, SCMP_ACT_NOTIFY, number, 1,
                               scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, scmp_datum_t(mask), scmp_datum_t(value)}),
              name);
}

/// Whatever changes the file system goes to the broker (broker.h).
static void askAboutFiles(scmp_filter_ctx filter)
{
    askIfWriting(filter, "open", 1);
    askIfWriting(filter, "openat", 2);
    for (const char *name :
         {"creat",     "mkdir",     "mkdirat",     "mknod",        "mknodat",     "unlink",    "unlinkat",
          "rmdir",     "rename",    "renameat",    "renameat2",    "link",        "linkat",    "symlink",
          "symlinkat", "truncate",  "chmod",       "fchmod",       "fchmodat",    "chown",     "lchown",
          "fchown",    "fchownat",  "utime",       "utimes",       "futimesat",   "utimensat", "setxattr",
          "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"})
        ask(filter, name);
}

/// Reading as well: of a new file no rule of Landlock knows that it may be read (landlock.cpp).
static void askAboutReading(scmp_filter_ctx filter)
{
    for (const char *name : {"open", "openat"})
        ask(filter, name);
}

static void withoutNamespacesOffline(scmp_filter_ctx filter)
{
    denyNetwork(filter);
    denyNeighbours(filter);
    askAboutFiles(filter);
}

/// The host's daemons listen on sockets in the file system, which Landlock does not look at: pairs only.
static void withoutNamespacesOnline(scmp_filter_ctx filter)
{
    denyOddFamilies(filter);
    denyIf(filter, SCMP_SYS(socket), SCMP_A0_32(SCMP_CMP_EQ, AF_UNIX));
    denyDatagramPairs(filter);
    denyNeighbours(filter);
    askAboutFiles(filter);
}

static void readingOffline(scmp_filter_ctx filter)
{
    withoutNamespacesOffline(filter);
    askAboutReading(filter);
}

static void readingOnline(scmp_filter_ctx filter)
{
    withoutNamespacesOnline(filter);
    askAboutReading(filter);
}

enum class Ioctls { AllButTyping, HarmlessOnly };

static std::string programOf(scmp_filter_ctx filter, Ioctls ioctls)
{
    std::string program;
    if (ioctls == Ioctls::HarmlessOnly) {
        const auto gate = ioctlgate::program(seccomp_arch_native(), SCMP_SYS(ioctl));
        program.assign(reinterpret_cast<const char *>(gate.data()), gate.size() * sizeof gate[0]);
    }
    FILE *file = tmpfile();
    check(seccomp_export_bpf(filter, fileno(file)), "export");
    fseek(file, 0, SEEK_SET);
    for (int byte; (byte = fgetc(file)) != EOF;)
        program += char(byte);
    fclose(file);
    return program;
}

static void write(FILE *out, const char *name, void (*network)(scmp_filter_ctx), Ioctls ioctls)
{
    // Calls of a foreign processor mode (i386, x32) have other numbers, which no rule here would match.
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    check(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "bad architectures");
    check(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2), "binary search");
    denyAlways(filter);
    network(filter);
    fprintf(out, "alignas(8) inline constexpr unsigned char %s[] = {", name);
    int count = 0;
    for (const char byte : programOf(filter, ioctls))
        fprintf(out, "%s%d,", count++ % 24 ? "" : "\n    ", static_cast<unsigned char>(byte));
    fprintf(out, "\n};\n");
    seccomp_release(filter);
}

int main(int argc, char **argv)
{
    FILE *out = argc == 2 ? fopen(argv[1], "w") : nullptr;
    if (!out) {
        fprintf(stderr, "expected the file to write\n");
        return 2;
    }
    fprintf(out, "// Written by seccompfilters.cpp at build time: struct sock_filter[].\n#pragma once\n\n"
                 "namespace nightshift::sandbox {\n\n");
    write(out, "offlineFilter", denyNetwork, Ioctls::AllButTyping);
    write(out, "onlineFilter", denyOddFamilies, Ioctls::AllButTyping);
    write(out, "bareOfflineFilter", withoutNamespacesOffline, Ioctls::HarmlessOnly);
    write(out, "bareOnlineFilter", withoutNamespacesOnline, Ioctls::HarmlessOnly);
    write(out, "bareOfflineReadingFilter", readingOffline, Ioctls::HarmlessOnly);
    write(out, "bareOnlineReadingFilter", readingOnline, Ioctls::HarmlessOnly);
    fprintf(out, "\n} // namespace nightshift::sandbox\n");
    return fclose(out) == 0 ? 0 : 1;
}
