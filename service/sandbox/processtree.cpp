#include "sandbox/processtree.h"
#include "sandbox/number.h"
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nightshift::sandbox {

void adoptOrphans()
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

int exitCodeOf(int waitStatus)
{
    return WIFSIGNALED(waitStatus) ? 128 + WTERMSIG(waitStatus) : WEXITSTATUS(waitStatus);
}

/// Calls `visit` with each direct child; false where this kernel keeps no such list.
template <typename Visit>
static bool eachListedChild(Visit visit)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", int(getpid())); // we have one thread only
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    char text[4096];
    const ssize_t size = read(fd, text, sizeof text - 1); // a list longer than this is cut: we come again
    close(fd);
    text[size > 0 ? size : 0] = 0;
    for (const char *at = text; *at;) {
        const char *end = strchr(at, ' ');
        if (!end)
            break;
        visit(toNumber<pid_t>(at));
        at = end + 1;
    }
    return true;
}

static pid_t parentOf(const char *pid)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    char text[512];
    const ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = 0;
    const char *name = strrchr(text, ')'); // the name may hold anything, brackets too
    return name && strlen(name) > 4 ? toNumber<pid_t>(name + 4) : 0;
}

template <typename Visit>
static void eachScannedChild(Visit visit)
{
    DIR *proc = opendir("/proc");
    while (const dirent *entry = proc ? readdir(proc) : nullptr) {
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && parentOf(entry->d_name) == getpid())
            visit(toNumber<pid_t>(entry->d_name));
    }
    if (proc)
        closedir(proc);
}

void killTree()
{
    while (true) {
        const pid_t reaped = waitpid(-1, nullptr, WNOHANG | __WALL);
        if (reaped > 0)
            continue;
        if (reaped < 0 && errno == ECHILD)
            return;
        int killed = 0;
        const auto end = [&killed](pid_t pid) { killed += pid > 0 && kill(pid, SIGKILL) == 0; };
        if (!eachListedChild(end))
            eachScannedChild(end);
        if (killed == 0)
            return; // what is left runs as somebody else (sudo, without a sandbox) and is not ours to end
        waitpid(-1, nullptr, __WALL); // one of them is dying; its children come to us then
    }
}

} // namespace nightshift::sandbox
