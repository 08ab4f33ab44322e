#include "sandbox/landlock.h"
#include "sandbox/fd.h"
#include "sandbox/handover.h"
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

// Source: the kernel's Documentation/userspace-api/landlock.rst. The header of the build machine may be older.
constexpr __u64 execute = 1 << 0;
constexpr __u64 writeFile = 1 << 1;
constexpr __u64 readFile = 1 << 2;
constexpr __u64 readFolder = 1 << 3;
constexpr __u64 truncateFile = 1 << 14;
constexpr __u64 controlDevice = 1 << 15;
constexpr __u64 allFiles = (1 << 16) - 1;
constexpr __u64 allNetwork = (1 << 0) | (1 << 1); // TCP: bind, connect
constexpr __u64 allScopes = (1 << 0) | (1 << 1);  // abstract sockets, signals
constexpr long leastVersion = 6;

struct Rules
{
    __u64 files = allFiles, network = 0, scopes = allScopes;
};

void allow(int rules, const char *path, __u64 rights)
{
    const Fd file = openWithoutLinks(path, O_PATH);
    struct stat info;
    if (fstat(file.get(), &info) != 0)
        return; // what is missing needs no rule
    if (!S_ISDIR(info.st_mode))
        rights &= execute | writeFile | readFile | truncateFile | controlDevice;
    const landlock_path_beneath_attr rule{.allowed_access = rights, .parent_fd = file.get()};
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

/// Grants what is at `path` and in it, but for what is hidden. Landlock cannot take back a part of a folder, so of a
/// folder that holds something hidden every entry is granted by itself. A link grants nothing: what it leads to is
/// granted, or not, by its own name.
void allowAround(int rules, const std::string &path, __u64 rights, const std::vector<std::string> &hidden)
{
    const auto holds = [&](const std::string &other) { return isInside(other, path); };
    if (std::ranges::any_of(hidden, [&](const std::string &other) { return isInside(path, other); }))
        return;
    if (std::ranges::none_of(hidden, holds))
        return allow(rules, path.c_str(), rights);
    DIR *folder = opendir(path.c_str());
    while (const dirent *entry = folder ? readdir(folder) : nullptr) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != ".." && entry->d_type != DT_LNK)
            allowAround(rules, (path == "/" ? "" : path) + '/' + std::string(name), rights, hidden);
    }
    if (folder)
        closedir(folder);
}

} // namespace

std::string whyNoLandlock()
{
    const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version >= leastVersion)
        return {};
    if (version < 0)
        return errno == EOPNOTSUPP ? "Landlock is switched off: boot with lsm=landlock,…"
                                   : "this kernel, or the container around it, has no Landlock";
    return "Landlock of this kernel has version " + std::to_string(version) +
           ", which does not keep commands from other processes; Linux 6.12 and later can";
}

int landlockRules(const Arguments &arguments, const Places &places)
{
    const Rules attributes{.network = arguments.online ? 0 : allNetwork};
    const int rules = int(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
    if (rules < 0)
        return -1;
    const std::vector<std::string> &hidden = places.hidden();
    constexpr __u64 reading = execute | readFile | readFolder;
    allow(rules, "/", readFolder); // names are not secret: any stat() tells them
    DIR *top = opendir("/");
    while (const dirent *entry = top ? readdir(top) : nullptr) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != ".." && name != "dev" && name != "run")
            allowAround(rules, "/" + std::string(name), reading, hidden);
    }
    if (top)
        closedir(top);
    for (const char *path :
         {"/run/systemd/resolve/stub-resolv.conf", "/run/systemd/resolve/resolv.conf",
          "/run/NetworkManager/resolv.conf", "/run/resolvconf", "/run/current-system", "/run/opengl-driver",
          "/run/media", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"})
        allow(rules, path, reading);
    for (const char *path : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"})
        allow(rules, path, writeFile | truncateFile | controlDevice);
    if (arguments.tty)
        allow(rules, arguments.tty, readFile | writeFile | controlDevice);
    const std::string_view cwd = arguments.cwd ? arguments.cwd : "/";
    if (cwd != "/" && cwd != "/dev" && cwd != "/run") // of which not all is to be seen
        allowAround(rules, arguments.cwd, reading, hidden);
    std::vector<std::string> inside(arguments.shown.begin(), arguments.shown.end()); // of hidden ones, perhaps
    std::ranges::copy_if(places.roots(), std::back_inserter(inside),
                         [&](const std::string &root) { return root != "/" && places.mayWrite(root); });
    for (const std::string &path : inside) {
        std::vector<std::string> deeper = hidden;
        std::erase_if(deeper, [&](const std::string &other) { return !isInside(other, path); });
        allowAround(rules, path, reading, deeper);
    }
    return rules;
}

bool dropCapabilities()
{
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct none[2] = {};
    return syscall(SYS_capset, &header, none) == 0;
}

bool restrictSelf(int rules, const sock_fprog *filter, int handover)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !dropCapabilities() || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
        syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        return false;
    // Killable: a signal must not repeat a call that the broker has carried out already.
    const long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                  SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, filter);
    if (listener < 0)
        return false;
    return handOver(handover, 'L', int(listener)) && close(int(listener)) == 0;
}

int takeListener(int handover)
{
    char word;
    int listener;
    return takeOver(handover, word, listener) ? listener : -1;
}

} // namespace nightshift::sandbox
