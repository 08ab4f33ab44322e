#include "sandbox/run.h"
#include "filters.h"
#include "sandbox/guards.h"
#include "sandbox/init.h"
#include "sandbox/processtree.h"
#include "sandbox/spawn.h"
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nightshift::sandbox {

static int neverRan(const char *what, const char *why)
{
    dprintf(2, "nightshift-sandbox: %s: %s\n", what, why);
    return neverRanCode;
}

static int memoryFile(const void *bytes, size_t size)
{
    const int fd = memfd_create("nightshift", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, size) != ssize_t(size) || lseek(fd, 0, SEEK_SET) != 0)
        return -1;
    return fd;
}

/// The first bytes of our stdin as a file that ends where they end.
static int takeInput(long long bytes)
{
    const int fd = memfd_create("input", MFD_CLOEXEC);
    char buffer[1 << 16];
    while (bytes > 0) {
        const ssize_t size = read(0, buffer, size_t(bytes < ssize_t(sizeof buffer) ? bytes : sizeof buffer));
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0 || write(fd, buffer, size_t(size)) != size)
            return -1;
        bytes -= size;
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static int openInput(const Arguments &arguments)
{
    if (arguments.tty)
        return open(arguments.tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (arguments.inputBytes > 0)
        return takeInput(arguments.inputBytes);
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int armTimer(long long milliseconds)
{
    if (milliseconds <= 0)
        return -1;
    const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    const itimerspec when{.it_interval = {}, .it_value = {milliseconds / 1000, (milliseconds % 1000) * 1'000'000}};
    timerfd_settime(fd, 0, &when, nullptr);
    return fd;
}

namespace {
/// The parts of bubblewrap's command line that differ from command to command.
struct Wrapped
{
    std::vector<const char *> argv;
    std::string seccompFd, controlFd, processes;
    char self[PATH_MAX] = {};
    int filter = -1;
    int outerControl = -1, innerControl = -1;

    bool prepare(const Arguments &arguments, const Guards &guards);
};

/// Waits for one of the things that end a command.
class Watch
{
public:
    Watch(const Arguments &arguments, int signals, int control)
        : m_polled{{signals, POLLIN, 0},
                   {arguments.inheritStdin ? -1 : 0, POLLIN, 0},
                   {armTimer(arguments.wallMs), POLLIN, 0}}
        , m_control(control)
    {}
    enum class Ending { Exited, Killed, TimedOut };
    Ending wait(pid_t main, int &status);

private:
    bool killWasAsked(pid_t main);

    pollfd m_polled[3];
    int m_control;
};
} // namespace

bool Wrapped::prepare(const Arguments &arguments, const Guards &guards)
{
    filter = arguments.online ? memoryFile(onlineFilter, sizeof onlineFilter)
                              : memoryFile(offlineFilter, sizeof offlineFilter);
    int pair[2];
    if (filter < 0 || readlink("/proc/self/exe", self, sizeof self - 1) < 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    outerControl = pair[0];
    innerControl = pair[1];
    seccompFd = std::to_string(filter);
    controlFd = std::to_string(innerControl);
    processes = std::to_string(arguments.processes);

    argv = arguments.wrapper;
    guards.appendTo(argv);
    argv.insert(argv.end(), {"--seccomp", seccompFd.c_str()});
    if (arguments.cwd)
        argv.insert(argv.end(), {"--chdir", arguments.cwd});
    argv.insert(argv.end(), {"--as-pid-1", "--", self, "init", "--control", controlFd.c_str()});
    argv.insert(argv.end(), {"--network", arguments.online ? "online" : "offline"});
    argv.insert(argv.end(), {"--terminal", arguments.tty ? "yes" : "no"});
    argv.insert(argv.end(), {"--merge-errors", arguments.inheritStdin ? "no" : "yes"});
    argv.insert(argv.end(), {"--processes", processes.c_str(), "--", "--"});
    argv.insert(argv.end(), arguments.command.begin(), arguments.command.end());
    return true;
}

bool Watch::killWasAsked(pid_t main)
{
    signalfd_siginfo info;
    bool kill = false;
    while (read(m_polled[0].fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP)
            kill = true;
        else if (info.ssi_signo != SIGCHLD && m_control >= 0)
            (void)!write(m_control, &control::interrupt, 1);
        else if (info.ssi_signo != SIGCHLD)
            ::kill(-main, int(info.ssi_signo));
    }
    char rest[256];
    return kill || (m_polled[1].revents && read(0, rest, sizeof rest) <= 0);
}

Watch::Ending Watch::wait(pid_t main, int &status)
{
    while (true) {
        poll(m_polled, 3, -1);
        if (killWasAsked(main))
            return Ending::Killed;
        if (m_polled[2].revents)
            return Ending::TimedOut;
        int ended = 0;
        while (const pid_t pid = waitpid(-1, &ended, WNOHANG | __WALL)) {
            if (pid < 0)
                return Ending::Exited;
            if (pid == main)
                status = ended;
            if (pid == main)
                return Ending::Exited;
        }
    }
}

/// After the wrapper ended: whether the sandbox ever stood.
static bool hasStarted(const Wrapped &wrapped)
{
    char word = 0;
    return recv(wrapped.outerControl, &word, 1, MSG_DONTWAIT) == 1 && word == control::started;
}

int run(const Arguments &arguments)
{
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); // what our caller forgot is not for the command
    const int signals = blockSignals();
    adoptOrphans();
    if (!arguments.inheritStdin)
        fcntl(1, F_SETPIPE_SZ, 1 << 20); // fewer wake-ups of our caller; a refusal costs only speed
    const int input = arguments.inheritStdin ? -1 : openInput(arguments);
    if (input < 0 && !arguments.inheritStdin)
        return neverRan(arguments.tty ? arguments.tty : "the command's input", strerror(errno));

    Guards guards;
    Wrapped wrapped;
    const bool isWrapped = !arguments.wrapper.empty();
    if (isWrapped) {
        std::string mistake;
        for (const char *root : arguments.roots) {
            if (!guards.addRoot(root, arguments.guardedNames, mistake))
                return neverRan("the sandbox refuses", mistake.c_str());
        }
        for (const char *path : arguments.hidden)
            guards.hide(path);
        if (!wrapped.prepare(arguments, guards))
            return neverRan("the sandbox cannot be prepared", strerror(errno));
    }

    Arguments limits = arguments;
    if (isWrapped)
        limits.processes = 0; // counted inside, where only the command's own count
    const pid_t main = spawn({.argv = isWrapped ? wrapped.argv.data() : arguments.command.data(),
                              .input = input,
                              .output = arguments.tty ? input : -1,
                              .mergeErrors = !isWrapped && !arguments.inheritStdin,
                              .terminal = !isWrapped && arguments.tty,
                              .cwd = isWrapped ? nullptr : arguments.cwd,
                              .passed = {wrapped.filter, wrapped.innerControl},
                              .limits = &limits});
    if (main < 0 && isWrapped)
        return neverRan(wrapped.argv[0], strerror(-main));
    if (main < 0) {
        if (!arguments.inheritStdin)
            dup2(arguments.tty ? input : 1, 2);
        return reportFailedExec(arguments.command[0], -main);
    }
    close(wrapped.innerControl);

    int status = 0;
    const Watch::Ending ending = Watch(arguments, signals, wrapped.outerControl).wait(main, status);
    killTree();
    guards.release();
    if (ending == Watch::Ending::TimedOut) {
        dprintf(arguments.tty ? input : 1, "\nnightshift: ended after %lld ms, the limit of a command's wall time\n",
                arguments.wallMs);
        return timedOutCode;
    }
    if (ending == Watch::Ending::Killed)
        return 128 + SIGKILL;
    if (isWrapped && !hasStarted(wrapped))
        return neverRan("the sandbox could not be set up", "bubblewrap failed");
    return exitCodeOf(status);
}

} // namespace nightshift::sandbox
