#include "sandbox/init.h"
#include "sandbox/fd.h"
#include "sandbox/handover.h"
#include "sandbox/processtree.h"
#include "sandbox/spawn.h"
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#endif

namespace nightshift::sandbox {

int reportFailedExec(const char *program, int error)
{
    dprintf(2, "nightshift: %s: %s\n", program, strerror(error));
    return error == ENOENT ? 127 : 126; // as the shells number it
}

/// Without a network namespace of its own a command could reach the host's abstract sockets (X11, D-Bus).
/// Older kernels have no such scope; the rest of the sandbox stands without it.
static void hideAbstractSockets()
{
    struct
    {
        __u64 files, network, scoped;
    } rules{.files = 0, .network = 0, .scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET};
    const long fd = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (fd < 0)
        return;
    syscall(SYS_landlock_restrict_self, fd, 0); // bubblewrap has set no_new_privs
    close(int(fd));
}

/// Reaps whoever ended; true when the command is among them.
static bool reap(pid_t command, int &status)
{
    int ended = 0;
    bool isOver = false;
    while (const pid_t pid = waitpid(-1, &ended, WNOHANG | __WALL)) {
        if (pid < 0)
            break;
        if (pid == command) {
            status = ended;
            isOver = true;
        }
    }
    return isOver;
}

/// Our mount name space goes out, and the word that all is mounted comes back.
static bool waitForMounts(int control)
{
    const Fd space(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC));
    char word = 0;
    return space && handOver(control, control::mounts, space.get()) && read(control, &word, 1) == 1 &&
           word == control::mounted;
}

/// The folder that was opened outside, not what its path may lead to by now.
static bool enterFolder(const Arguments &arguments)
{
    if (!arguments.cwd)
        return true;
    const Fd folder = openWithoutLinks(arguments.cwd, O_PATH | O_DIRECTORY);
    if (!folder || identityOf(folder.get()) != arguments.cwdIs || fchdir(folder.get()) != 0)
        return false;
    setenv("PWD", arguments.cwd, 1);
    return true;
}

int init(const Arguments &arguments)
{
    const int signals = blockSignals();
    fcntl(arguments.control, F_SETFD, FD_CLOEXEC);
    if (arguments.mounted && !waitForMounts(arguments.control))
        return 1;
    if (!enterFolder(arguments)) {
        (void)!write(arguments.control, &control::changed, 1);
        return 1;
    }
    if (arguments.errors >= 0)
        dup2(arguments.errors, 2); // until now stderr was for bubblewrap's own complaints
    if (arguments.errors > 2)
        close(arguments.errors);
    if (arguments.online)
        hideAbstractSockets();
    if (write(arguments.control, &control::started, 1) != 1)
        return 1;

    Arguments limits;
    limits.processes = arguments.processes;
    const pid_t command = spawn({.argv = arguments.command.data(), .terminal = arguments.terminal, .limits = &limits});
    if (command < 0)
        return reportFailedExec(arguments.command[0], -command);

    pollfd polled[] = {{signals, POLLIN, 0}, {arguments.control, POLLIN, 0}};
    int status = 0;
    while (!reap(command, status)) {
        poll(polled, 2, -1);
        signalfd_siginfo ignored;
        while (read(signals, &ignored, sizeof ignored) > 0) {
        }
        char word = 0;
        if (polled[1].revents && read(arguments.control, &word, 1) <= 0)
            return 128 + SIGKILL; // whoever started us is gone
        if (word == control::interrupt)
            kill(-command, SIGINT);
    }
    return exitCodeOf(status);
}

} // namespace nightshift::sandbox
