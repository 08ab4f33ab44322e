#include "filters.h"
#include "sandbox/contained.h"
#include "sandbox/guards.h"
#include "sandbox/init.h"
#include "sandbox/mountorder.h"
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
    void release() override { m_guards.release(); }
    bool hasStood() override;

private:
    bool guard();
    bool prepare();
    bool refuse(std::string mistake);

    const Arguments &m_arguments;
    std::vector<Mounted> m_mounted; ///< Outlives the guards, which point to its paths.
    Guards m_guards;
    std::vector<const char *> m_argv;
    std::string m_seccompFd, m_controlFd, m_errorsFd, m_processes;
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
    m_mounted = mountOrder(m_arguments);
    for (const auto &[kind, path] : m_mounted) {
        if (kind == Mounted::Kind::Root && !m_guards.addRoot(path.c_str(), m_arguments.guardedNames, m_mistake))
            return false;
        if (kind == Mounted::Kind::Pinned)
            m_guards.pin(path);
        else if (kind == Mounted::Kind::Hidden)
            m_guards.hide(path);
        else if (kind == Mounted::Kind::Shown)
            m_guards.show(path);
    }
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

    m_argv = m_arguments.wrapper;
    m_guards.appendTo(m_argv);
    m_argv.insert(m_argv.end(), {"--seccomp", m_seccompFd.c_str()});
    if (m_arguments.cwd)
        m_argv.insert(m_argv.end(), {"--chdir", m_arguments.cwd});
    m_argv.insert(m_argv.end(), {"--as-pid-1", "--", m_self, "init", "--control", m_controlFd.c_str()});
    m_argv.insert(m_argv.end(), {"--network", m_arguments.online ? "online" : "offline"});
    m_argv.insert(m_argv.end(), {"--terminal", m_arguments.tty ? "yes" : "no"});
    m_argv.insert(m_argv.end(), {"--errors", m_errorsFd.c_str()});
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

bool InBubblewrap::hasStood()
{
    char word = 0;
    if (recv(m_outerControl, &word, 1, MSG_DONTWAIT) == 1 && word == control::started)
        return true;
    char words[2000];
    const ssize_t size = pread(m_words, words, sizeof words, 0);
    m_mistake = size > 0 ? std::string(words, size_t(size)) : "bubblewrap failed";
    while (m_mistake.ends_with('\n'))
        m_mistake.pop_back();
    // A folder that the command should start in has nothing to do with the machine.
    m_isFinal = m_mistake.find("chdir") != std::string::npos;
    return false;
}

} // namespace

std::unique_ptr<Contained> inBubblewrap(const Arguments &arguments)
{
    return arguments.wrapper.empty() ? nullptr : std::make_unique<InBubblewrap>(arguments);
}

} // namespace nightshift::sandbox
