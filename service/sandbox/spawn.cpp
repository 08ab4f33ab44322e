#include "sandbox/spawn.h"
#include "sandbox/landlock.h"
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nightshift::sandbox {

static sigset_t original; // what the caller of this program had blocked

int blockSignals()
{
    sigset_t ours;
    sigemptyset(&ours);
    for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT})
        sigaddset(&ours, signal);
    sigprocmask(SIG_BLOCK, &ours, &original);
    return signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void limit(__rlimit_resource resource, long long value, long long slack = 0)
{
    if (value <= 0)
        return;
    const rlimit bounds{.rlim_cur = rlim_t(value), .rlim_max = rlim_t(value + slack)};
    setrlimit(resource, &bounds);
}

/// Runs in the memory of our caller, which waits for the exec: system calls only.
[[noreturn]] static void become(const Spawn &child, volatile int &error, volatile bool &isUnrestricted)
{
    if (child.input >= 0)
        dup2(child.input, 0);
    if (child.output >= 0)
        dup2(child.output, 1);
    if (child.errors >= 0)
        dup2(child.errors, 2);
    setsid();
    bool fine = !child.terminal || ioctl(0, TIOCSCTTY, 0) == 0;
    fine = fine && (child.folder < 0 || fchdir(child.folder) == 0);
    for (const int fd : child.passed) {
        if (fd >= 0)
            fcntl(fd, F_SETFD, 0);
    }
    if (child.group >= 0)
        (void)!write(child.group, "0", 1);
    if (const Arguments *limits = child.limits) {
        limit(RLIMIT_CPU, limits->cpuSeconds, 1); // XCPU first, KILL a second later
        limit(RLIMIT_AS, limits->memoryBytes);
        limit(RLIMIT_FSIZE, limits->fileSizeBytes);
        limit(RLIMIT_NPROC, limits->processes);
    }
    sigprocmask(SIG_SETMASK, &original, nullptr);
    if (fine && child.rules >= 0) {
        fine = restrictSelf(child.rules, child.filter, child.handover);
        isUnrestricted = !fine;
    }
    if (fine)
        execvp(child.argv[0], const_cast<char *const *>(child.argv));
    error = errno;
    _exit(127);
}

pid_t spawn(const Spawn &child, bool *isUnrestricted)
{
    volatile int error = 0;
    volatile bool unrestricted = false;
    const pid_t pid = vfork();
    if (pid == 0)
        become(child, error, unrestricted);
    if (isUnrestricted)
        *isUnrestricted = unrestricted;
    if (pid < 0)
        return -errno;
    if (error != 0) {
        waitpid(pid, nullptr, 0);
        return -error;
    }
    return pid;
}

} // namespace nightshift::sandbox
