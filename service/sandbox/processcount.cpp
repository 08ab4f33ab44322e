#include "sandbox/processcount.h"
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

std::string content(const char *path)
{
    char text[4096];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    return std::string(text, size > 0 ? size_t(size) : 0);
}

bool put(const std::string &path, const std::string &text)
{
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const bool done = fd >= 0 && write(fd, text.data(), text.size()) == ssize_t(text.size());
    if (fd >= 0)
        close(fd);
    return done;
}

/// What follows `mark` in the line of /proc/self/cgroup that holds it. Source: cgroups(7).
std::string groupBehind(const std::string &groups, std::string_view mark)
{
    const size_t at = groups.find(mark);
    if (at == std::string::npos)
        return {};
    const size_t from = at + mark.size();
    const std::string path = groups.substr(from, groups.find('\n', from) - from);
    return path == "/" ? std::string() : path;
}

} // namespace

ProcessCount::~ProcessCount()
{
    if (m_entrance >= 0)
        close(m_entrance);
    if (!m_folder.empty())
        rmdir(m_folder.c_str());
}

bool ProcessCount::make(const std::string &parent, long long processes)
{
    const std::string folder = parent + "/nightshift-" + std::to_string(getpid());
    if (mkdir(folder.c_str(), 0755) != 0)
        return false;
    m_folder = folder;
    if (put(folder + "/pids.max", std::to_string(processes)))
        m_entrance = open((folder + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
    return m_entrance >= 0;
}

void ProcessCount::limit(long long processes)
{
    if (processes <= 0 || geteuid() != 0)
        return;
    const std::string groups = '\n' + content("/proc/self/cgroup");
    if (groups.find(":pids:") != std::string::npos) { // version 1, a hierarchy for each controller
        make("/sys/fs/cgroup/pids" + groupBehind(groups, ":pids:"), processes);
        return;
    }
    const std::string ours = "/sys/fs/cgroup" + groupBehind(groups, "\n0::");
    put(ours + "/cgroup.subtree_control", "+pids"); // may be there already, or not to be had
    make(ours, processes);
}

} // namespace nightshift::sandbox
