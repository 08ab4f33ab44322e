#include "filters.h"
#include "sandbox/contained.h"
#include "sandbox/guards.h"
#include "sandbox/handover.h"
#include "sandbox/init.h"
#include "sandbox/places.h"
#include "sandbox/spawn.h"
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

int memoryFile(const void *bytes, size_t size)
{
    const int fd = memfd_create("nightshift", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, size) != ssize_t(size) || lseek(fd, 0, SEEK_SET) != 0)
        return -1;
    return fd;
}

class InBubblewrap final : public Contained
{
public:
    explicit InBubblewrap(const Arguments &arguments)
        : m_arguments(arguments)
    {}
    bool start(int input) override;
    int control() const override { return m_outerControl; }
    int listener() const override { return m_mounts.empty() ? -1 : m_outerControl; }
    bool serve() override;
    void release() override { m_guards.release(); }
    bool hasStood() override;

private:
    bool guard();
    bool prepare();
    bool refuse(std::string mistake);

    const Arguments &m_arguments;
    Guards m_guards;
    std::vector<Mount> m_mounts;
    std::vector<const char *> m_argv;
    std::string m_seccompFd, m_controlFd, m_errorsFd, m_processes, m_cwdIs;
    char m_self[PATH_MAX] = {};
    int m_filter = -1, m_errors = -1, m_words = -1;
    int m_outerControl = -1, m_innerControl = -1;
};

bool InBubblewrap::refuse(std::string mistake)
{
    m_mistake = std::move(mistake);
    return false;
}

bool InBubblewrap::guard()
{
    m_isFinal = true;
    for (const char *root : m_arguments.roots) {
        if (!m_guards.addRoot(root, m_arguments.guardedNames, m_mistake))
            return false;
    }
    for (const auto *paths : {&m_arguments.hidden, &m_arguments.sockets}) {
        for (const char *path : *paths) {
            if (!m_guards.hide(path, m_mistake))
                return false;
        }
    }
    for (const char *path : m_arguments.shown)
        m_guards.show(path);
    m_mounts = m_guards.mounts();
    m_isFinal = false;
    return true;
}

/// The parts of bubblewrap's command line that differ from command to command.
bool InBubblewrap::prepare()
{
    m_filter = m_arguments.online ? memoryFile(onlineFilter, sizeof onlineFilter)
                                  : memoryFile(offlineFilter, sizeof offlineFilter);
    m_words = memoryFile("", 0);
    m_errors = m_arguments.inheritStdin ? fcntl(2, F_DUPFD_CLOEXEC, 3) : 1;
    int pair[2];
    if (m_filter < 0 || m_words < 0 || m_errors < 0 || readlink("/proc/self/exe", m_self, sizeof m_self - 1) < 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return refuse(std::string("it cannot be prepared: ") + strerror(errno));
    m_outerControl = pair[0];
    m_innerControl = pair[1];
    m_seccompFd = std::to_string(m_filter);
    m_controlFd = std::to_string(m_innerControl);
    m_errorsFd = std::to_string(m_errors);
    m_processes = std::to_string(m_arguments.processes);
    m_cwdIs = identityOf(m_arguments.folder);

    m_argv = m_arguments.wrapper;
    m_argv.insert(m_argv.end(), {"--seccomp", m_seccompFd.c_str(), "--chdir", "/"});
    m_argv.insert(m_argv.end(), {"--as-pid-1", "--", m_self, "init", "--control", m_controlFd.c_str()});
    m_argv.insert(m_argv.end(), {"--network", m_arguments.online ? "online" : "offline"});
    m_argv.insert(m_argv.end(), {"--terminal", m_arguments.tty ? "yes" : "no"});
    m_argv.insert(m_argv.end(), {"--errors", m_errorsFd.c_str()});
    m_argv.insert(m_argv.end(), {"--mounted", m_mounts.empty() ? "no" : "yes"});
    if (m_arguments.cwd)
        m_argv.insert(m_argv.end(), {"--cwd", m_arguments.cwd, "--cwd-is", m_cwdIs.c_str()});
    m_argv.insert(m_argv.end(), {"--processes", m_processes.c_str(), "--", "--"});
    m_argv.insert(m_argv.end(), m_arguments.command.begin(), m_arguments.command.end());
    return true;
}

bool InBubblewrap::start(int input)
{
    if (!guard() || !prepare())
        return false;
    Arguments limits = m_arguments;
    limits.processes = 0;       // counted inside, where only the command's own count
    constexpr int wrappers = 2; // bubblewrap and the sandbox's first process
    m_count.limit(m_arguments.processes > 0 ? m_arguments.processes + wrappers : 0);
    m_pid = spawn({.argv = m_argv.data(),
                   .input = input,
                   .output = m_arguments.tty ? input : -1,
                   .errors = m_words,
                   .passed = {m_filter, m_innerControl, m_errors > 2 ? m_errors : -1},
                   .limits = &limits,
                   .group = m_count.entrance()});
    close(m_innerControl);
    if (m_pid < 0)
        return refuse(std::string(m_argv[0]) + ": " + strerror(-m_pid));
    return true;
}

/// bubblewrap has made a read-only world with its first process waiting in it; the rest is ours.
bool InBubblewrap::serve()
{
    char word = 0;
    int space = -1;
    if (takeOver(m_outerControl, word, space) && word == control::mounts) {
        const Fd held(space);
        const Mounted result = mountIn(space, m_mounts);
        m_mistake = result.mistake;
        m_isFinal = result.outcome == Mounted::Outcome::Changed;
        if (result.outcome == Mounted::Outcome::Done)
            (void)!write(m_outerControl, &control::mounted, 1);
        else
            shutdown(m_outerControl, SHUT_RDWR); // which ends that process
    }
    return false;
}

bool InBubblewrap::hasStood()
{
    char word = 0;
    const bool spoke = recv(m_outerControl, &word, 1, MSG_DONTWAIT) == 1;
    if (spoke && word == control::started)
        return true;
    if (spoke && word == control::changed) {
        m_mistake = std::string("the working folder ") + m_arguments.cwd +
                    " is hidden from commands, or was moved while the command was being started; nothing was run";
        m_isFinal = true;
    }
    if (!m_mistake.empty())
        return false;
    char words[2000];
    const ssize_t size = pread(m_words, words, sizeof words, 0);
    m_mistake = size > 0 ? std::string(words, size_t(size)) : "bubblewrap failed";
    while (m_mistake.ends_with('\n'))
        m_mistake.pop_back();
    return false;
}

} // namespace

std::unique_ptr<Contained> inBubblewrap(const Arguments &arguments)
{
    return arguments.wrapper.empty() ? nullptr : std::make_unique<InBubblewrap>(arguments);
}

} // namespace nightshift::sandbox
