#include "sandbox/mountcalls.h"
#include "sandbox/number.h"
#include "sandbox/places.h"
#include <algorithm>
#include <climits>
#include <cstdio>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

bool change(int tree, Depth depth, __u64 set, __u64 clear)
{
    const unsigned how = AT_EMPTY_PATH | (depth == Depth::All ? AT_RECURSIVE : 0);
    const mount_attr attributes{.attr_set = set, .attr_clr = clear, .propagation = 0, .userns_fd = 0};
    return syscall(SYS_mount_setattr, tree, "", how, &attributes, sizeof attributes) == 0;
}

/// The fifth word of a line of mountinfo, which writes \040 for a space.
std::string mountPoint(std::string_view line)
{
    for (int i = 0; i < 4; ++i)
        line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
    line = line.substr(0, line.find(' '));
    std::string path;
    for (size_t i = 0; i < line.size(); ++i) {
        const bool isEscape = line[i] == '\\' && i + 3 < line.size();
        path += isEscape ? char(toNumber(line.substr(i + 1, 3), 8)) : line[i];
        i += isEscape ? 3 : 0;
    }
    return path;
}

} // namespace

Fd cloned(int file)
{
    constexpr unsigned how = AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
    return Fd(int(syscall(SYS_open_tree, file, "", how)));
}

bool attach(int tree, int place)
{
    constexpr unsigned how = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
    return syscall(SYS_move_mount, tree, "", place, "", how) == 0;
}

bool setReadOnly(int tree, Depth depth)
{
    return change(tree, depth, MOUNT_ATTR_RDONLY, 0);
}

bool setWritable(int tree, Depth depth)
{
    return change(tree, depth, 0, MOUNT_ATTR_RDONLY);
}

Fd emptyFolder(Content content)
{
    const Fd files(int(syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC)));
    const auto configure = [&](unsigned what, const char *key, const char *value) {
        return syscall(SYS_fsconfig, files.get(), what, key, value, 0) == 0;
    };
    if (!files || !configure(FSCONFIG_SET_STRING, "size", "65536") || !configure(FSCONFIG_SET_STRING, "mode", "0555") ||
        !configure(FSCONFIG_CMD_CREATE, nullptr, nullptr))
        return Fd();
    const unsigned attributes =
        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | (content == Content::None ? MOUNT_ATTR_RDONLY : 0);
    return Fd(int(syscall(SYS_fsmount, files.get(), FSMOUNT_CLOEXEC, attributes)));
}

std::vector<std::string> mountPointsIn(const std::string &folder, int processes)
{
    std::vector<std::string> found;
    const int fd = openat(processes, "self/mountinfo", O_RDONLY | O_CLOEXEC);
    FILE *lines = fd < 0 ? nullptr : fdopen(fd, "r");
    char line[2 * PATH_MAX + 512];
    while (lines && fgets(line, sizeof line, lines)) {
        const std::string path = mountPoint(line);
        if (path.size() > folder.size() && isInside(path, folder))
            found.push_back(path.substr(folder.size() + 1));
    }
    if (lines)
        fclose(lines);
    return found;
}

} // namespace nightshift::sandbox
