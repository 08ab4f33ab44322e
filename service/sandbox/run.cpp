#include "sandbox/run.h"
#include "sandbox/contained.h"
#include "sandbox/fd.h"
#include "sandbox/init.h"
#include "sandbox/places.h"
#include "sandbox/processtree.h"
#include "sandbox/spawn.h"
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <linux/close_range.h>
#include <optional>
#include <poll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nightshift::sandbox {

static int neverRan(const char *what, const char *why)
{
    dprintf(2, "nightshift-sandbox: %s: %s\n", what, why);
    return neverRanCode;
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
/// Waits for one of the things that end a command.
class Watch
{
public:
    Watch(const Arguments &arguments, int signals)
        : m_polled{{signals, POLLIN, 0},
                   {arguments.inheritStdin ? arguments.lifeline : 0, POLLIN, 0},
                   {armTimer(arguments.wallMs), POLLIN, 0},
                   {-1, POLLIN, 0}}
    {}
    enum class Ending { Exited, Killed, TimedOut };
    Ending wait(Contained &child, int &status);

private:
    bool killWasAsked(const Contained &child);
    void serve(Contained &child);

    pollfd m_polled[4];
};
} // namespace

bool Watch::killWasAsked(const Contained &child)
{
    signalfd_siginfo info;
    bool kill = false;
    while (read(m_polled[0].fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP)
            kill = true;
        else if (info.ssi_signo != SIGCHLD && child.control() >= 0)
            (void)!write(child.control(), &control::interrupt, 1);
        else if (info.ssi_signo != SIGCHLD)
            ::kill(-child.pid(), int(info.ssi_signo));
    }
    char rest[256];
    return kill || (m_polled[1].revents && read(m_polled[1].fd, rest, sizeof rest) <= 0);
}

void Watch::serve(Contained &child)
{
    if (m_polled[3].revents && !child.serve())
        m_polled[3].fd = -1;
}

Watch::Ending Watch::wait(Contained &child, int &status)
{
    m_polled[3].fd = child.listener();
    while (true) {
        poll(m_polled, 4, -1);
        serve(child);
        if (killWasAsked(child))
            return Ending::Killed;
        if (m_polled[2].revents)
            return Ending::TimedOut;
        int ended = 0;
        while (const pid_t pid = waitpid(-1, &ended, WNOHANG | __WALL)) {
            if (pid < 0)
                return Ending::Exited;
            if (pid == child.pid())
                status = ended;
            if (pid == child.pid())
                return Ending::Exited;
        }
    }
}

static int timedOut(const Arguments &arguments, int input)
{
    dprintf(arguments.tty ? input : 1, "\nnightshift: ended after %lld ms, the limit of a command's wall time\n",
            arguments.wallMs);
    return timedOutCode;
}

/// Starts the command in `child`, and watches it to its end. The exit code; nothing when the sandbox never stood.
static std::optional<int> runIn(Contained &child, const Arguments &arguments, Watch &watch, int input)
{
    if (!child.start(input))
        return {};
    if (child.pid() < 0) {
        if (!arguments.inheritStdin)
            dup2(arguments.tty ? input : 1, 2);
        return reportFailedExec(arguments.command[0], -child.pid());
    }
    int status = 0;
    const Watch::Ending ending = watch.wait(child, status);
    killTree();
    child.release();
    if (ending == Watch::Ending::TimedOut)
        return timedOut(arguments, input);
    if (ending == Watch::Ending::Killed)
        return 128 + SIGKILL;
    if (!child.hasStood())
        return {};
    return exitCodeOf(status);
}

int run(Arguments arguments)
{
    syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC); // what our caller forgot is not for the command
    const int signals = blockSignals();
    adoptOrphans();
    if (!arguments.inheritStdin)
        fcntl(1, F_SETPIPE_SZ, 1 << 20); // fewer wake-ups of our caller; a refusal costs only speed
    const int input = arguments.inheritStdin ? -1 : openInput(arguments);
    if (input < 0 && !arguments.inheritStdin)
        return neverRan(arguments.tty ? arguments.tty : "the command's input", strerror(errno));

    const Fd folder = arguments.cwd ? openWithoutLinks(arguments.cwd, O_PATH | O_DIRECTORY) : Fd();
    if (arguments.cwd && !folder)
        return neverRan("the command was not started", folderMistake(arguments.cwd, errno).c_str());
    arguments.folder = folder.get(); // opened once; its path could lead elsewhere a moment later

    Watch watch(arguments, signals);
    std::string mistakes;
    for (const auto make : {inBubblewrap, inLandlock, bare}) {
        const auto child = make(arguments);
        if (!child)
            continue;
        if (const auto code = runIn(*child, arguments, watch, input))
            return *code;
        mistakes += (mistakes.empty() ? "" : "; ") + child->mistake();
        if (child->isFinal())
            break;
        if (arguments.inputBytes > 0)
            lseek(input, 0, SEEK_SET);
    }
    return neverRan("the sandbox could not be set up", mistakes.c_str());
}

} // namespace nightshift::sandbox
