#include "sandbox/overlay.h"
#include "sandbox/run.h"
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

bool writeFile(const char *path, const std::string &text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const bool done = fd >= 0 && write(fd, text.data(), text.size()) == ssize_t(text.size());
    if (fd >= 0)
        close(fd);
    return done;
}

/// With the right to mount, if need be as the only user of a new user name space.
bool enterMountSpace()
{
    if (unshare(CLONE_NEWNS) == 0)
        return true;
    const std::string user = std::to_string(geteuid()), group = std::to_string(getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && writeFile("/proc/self/setgroups", "deny") &&
           writeFile("/proc/self/uid_map", user + ' ' + user + " 1") &&
           writeFile("/proc/self/gid_map", group + ' ' + group + " 1");
}

/// By descriptors: a path may hold the commas and colons that separate mount options.
std::string link(int fd)
{
    return "/proc/self/fd/" + std::to_string(fd);
}

bool mountOver(const char *tree, int real, const char *upper, const char *work)
{
    const int upperFd = open(upper, O_PATH | O_CLOEXEC), workFd = open(work, O_PATH | O_CLOEXEC);
    const std::string options =
        "userxattr,lowerdir=" + link(real) + ",upperdir=" + link(upperFd) + ",workdir=" + link(workFd);
    return upperFd >= 0 && workFd >= 0 && mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) == 0 &&
           mount("overlay", tree, "overlay", 0, options.c_str()) == 0;
}

} // namespace

int runInOverlay(char **words)
{
    for (int i = 0; i < 5; ++i) {
        if (!words[i]) {
            dprintf(2, "nightshift-sandbox: overlay: expected TREE UPPER WORK CWD PROGRAM\n");
            return neverRanCode;
        }
    }
    const int real = open(words[0], O_PATH | O_DIRECTORY); // survives the exec
    if (real >= 0 && enterMountSpace() && mountOver(words[0], real, words[1], words[2]) && chdir(words[3]) == 0)
        setenv("NIGHTSHIFT_TREE_FD", std::to_string(real).c_str(), 1);
    else
        setenv("NIGHTSHIFT_OVERLAY_PROBLEM", strerror(errno), 1);
    execv(words[4], words + 4);
    dprintf(2, "nightshift-sandbox: %s: %s\n", words[4], strerror(errno));
    return neverRanCode;
}

} // namespace nightshift::sandbox
