#include "sandbox/mounts.h"
#include "sandbox/fd.h"
#include "sandbox/mountcalls.h"
#include "sandbox/places.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

using Kind = Mount::Kind;
using Outcome = Mounted::Outcome;

constexpr auto readOnly = 1; // ST_RDONLY, of statfs(2)

/// What hides may cover something else than was there before: a file is written anew, another session ends.
bool isHiding(const Mount &mount)
{
    return mount.kind == Kind::Hidden || mount.kind == Kind::Null;
}

/// In a process of its own, for it ends in the name spaces of the command.
class Mounter
{
public:
    explicit Mounter(const std::vector<Mount> &mounts)
        : m_mounts(mounts)
    {}
    Mounted mountIn(int space);

private:
    bool enter(int space);
    bool takeSources();
    bool mount(size_t index);
    bool mountAt(const Mount &mount, Fd &tree, int place);
    bool cover(int place);
    bool hide(int place);
    Fd makePlace(const Mount &mount);
    void openDeeper(const Mount &mount, int tree);
    bool isInPlace(const Mount &mount);
    bool isCovered(const Mount &mount) const;
    bool fail(const Mount &mount);
    bool change(const Mount &mount);

    const std::vector<Mount> &m_mounts;
    std::vector<Fd> m_trees;             ///< Of every mount that has a source: that, not yet anywhere.
    std::vector<const Mount *> m_partly; ///< Writable, but for what the machine has mounted deeper.
    std::vector<std::pair<std::string, Fd>> m_hidden;
    Fd m_empty, m_processes;
    Mounted m_result;
};

bool Mounter::fail(const Mount &mount)
{
    m_result = {Outcome::Failed, mount.path + " cannot be mounted in the sandbox: " + strerror(errno)};
    return false;
}

bool Mounter::change(const Mount &mount)
{
    m_result = {Outcome::Changed, changeMistake(mount.path)};
    return false;
}

bool Mounter::enter(int space)
{
    m_processes = Fd(open("/proc", O_PATH | O_CLOEXEC)); // the command's own does not know us
    const Fd owner(ioctl(space, NS_GET_USERNS));
    if (owner && setns(owner.get(), CLONE_NEWUSER) == 0 && setns(space, CLONE_NEWNS) == 0)
        return true;
    m_result = {Outcome::Failed, std::string("the command's mount name space cannot be entered: ") + strerror(errno)};
    return false;
}

/// Before anything covers them.
bool Mounter::takeSources()
{
    for (const Mount &mount : m_mounts) {
        m_trees.emplace_back();
        if (mount.kind != Kind::Writable && mount.kind != Kind::ReadOnly && mount.kind != Kind::Shown)
            continue;
        const Fd there = openWithoutLinks(mount.kind == Kind::Shown ? mount.source : mount.path, O_PATH);
        if (!there || !areSame(there.get(), mount.file))
            return change(mount);
        Fd tree = cloned(there.get());
        if (!tree)
            return fail(mount);
        const bool isWritable = mount.kind == Kind::Writable;
        if (!(isWritable ? setWritable(tree.get(), Depth::All) : setReadOnly(tree.get(), Depth::All))) {
            // Something deeper is read-only on the machine itself.
            if (errno != EPERM || !isWritable || !setWritable(tree.get(), Depth::One))
                return fail(mount);
            m_partly.push_back(&mount);
        }
        m_trees.back() = std::move(tree);
    }
    return true;
}

bool Mounter::cover(int place)
{
    if (!m_empty) {
        m_empty = emptyFolder(Content::None);
        return m_empty && attach(m_empty.get(), place);
    }
    const Fd again = cloned(m_empty.get());
    return again && attach(again.get(), place);
}

bool Mounter::hide(int place)
{
    Fd folder = emptyFolder(Content::Later);
    if (!folder || !attach(folder.get(), place))
        return false;
    m_hidden.emplace_back(std::string(), std::move(folder));
    return true;
}

/// In a hidden folder what is shown has no place yet.
Fd Mounter::makePlace(const Mount &mount)
{
    for (const auto &[path, folder] : m_hidden) {
        if (!isInside(mount.path, path))
            continue;
        struct stat info;
        fstat(mount.file, &info);
        for (size_t end = mount.path.find('/', path.size() + 1); end != std::string::npos;
             end = mount.path.find('/', end + 1))
            mkdir(mount.path.substr(0, end).c_str(), 0555);
        if (S_ISDIR(info.st_mode))
            mkdir(mount.path.c_str(), 0555);
        else
            mknod(mount.path.c_str(), S_IFREG | 0444, 0);
        return openWithoutLinks(mount.path, O_PATH);
    }
    return Fd();
}

bool Mounter::mountAt(const Mount &mount, Fd &tree, int place)
{
    switch (mount.kind) {
    case Kind::Pinned:
        tree = cloned(place);
        return tree && attach(tree.get(), place);
    case Kind::Writable:
    case Kind::ReadOnly:
    case Kind::Shown:
        return attach(tree.get(), place);
    case Kind::Empty:
        return cover(place);
    case Kind::Hidden:
        return hide(place);
    case Kind::Null: {
        const Fd null(open("/dev/null", O_PATH | O_CLOEXEC));
        const Fd again = cloned(null.get());
        return again && attach(again.get(), place);
    }
    }
    return false;
}

bool Mounter::mount(size_t index)
{
    const Mount &mount = m_mounts[index];
    Fd place = openWithoutLinks(mount.path, O_PATH);
    if (!place && (mount.kind == Kind::Pinned || (isHiding(mount) && errno == ENOENT)))
        return true;
    const bool isThere = place && (mount.file < 0 || isHiding(mount) || areSame(place.get(), mount.file));
    if (!isThere && (place || !(place = makePlace(mount))))
        return mount.kind == Kind::Shown || change(mount); // to be seen where it is, if nothing hides it
    if (!mountAt(mount, m_trees[index], place.get()))
        return fail(mount);
    if (mount.kind == Kind::Hidden)
        m_hidden.back().first = mount.path;
    if (std::ranges::contains(m_partly, &mount))
        openDeeper(mount, m_trees[index].get());
    return true;
}

/// What the machine has mounted inside a writable folder is writable as it is outside.
void Mounter::openDeeper(const Mount &mount, int tree)
{
    for (const std::string &path : mountPointsIn(mount.path, m_processes.get())) {
        open_how how{.flags = O_PATH | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH};
        const Fd deeper(int(syscall(SYS_openat2, tree, path.c_str(), &how, sizeof how)));
        setWritable(deeper.get(), Depth::One); // refused where the machine has it read-only
    }
}

/// By another mount at the same path.
bool Mounter::isCovered(const Mount &mount) const
{
    const auto isSame = [&](const Mount &other) { return &other > &mount && other.path == mount.path; };
    return std::ranges::any_of(m_mounts, isSame);
}

/// Nothing was renamed between our look at a path and our mount.
bool Mounter::isInPlace(const Mount &mount)
{
    const bool hasSource = mount.kind == Kind::Writable || mount.kind == Kind::ReadOnly;
    if (mount.kind == Kind::Pinned || mount.kind == Kind::Shown || isCovered(mount))
        return true;
    const Fd there = openWithoutLinks(mount.path, O_PATH);
    if (!there && isHiding(mount) && errno == ENOENT)
        return true;
    struct statfs info;
    if (!there || fstatfs(there.get(), &info) != 0 || areSame(there.get(), mount.file) != hasSource)
        return change(mount);
    return mount.kind != Kind::ReadOnly || (info.f_flags & readOnly) || change(mount);
}

Mounted Mounter::mountIn(int space)
{
    if (!enter(space) || !takeSources())
        return m_result;
    for (size_t i = 0; i < m_mounts.size(); ++i) {
        if (!mount(i))
            return m_result;
    }
    for (const auto &[path, folder] : m_hidden)
        setReadOnly(folder.get(), Depth::One);
    for (const Mount &mount : m_mounts) {
        if (!isInPlace(mount))
            return m_result;
    }
    return m_result;
}

} // namespace

Mounted mountIn(int space, const std::vector<Mount> &mounts)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return {Outcome::Failed, std::string("no pipe: ") + strerror(errno)};
    const Fd said(ends[0]);
    Fd saying(ends[1]);
    const pid_t mounter = fork();
    if (mounter == 0) {
        const Mounted result = Mounter(mounts).mountIn(space);
        (void)!write(saying.get(), result.mistake.data(), result.mistake.size());
        _exit(int(result.outcome));
    }
    saying = Fd();
    if (mounter < 0)
        return {Outcome::Failed, std::string("no process: ") + strerror(errno)};
    char words[5000];
    const ssize_t size = read(said.get(), words, sizeof words);
    int status = 0;
    while (waitpid(mounter, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status))
        return {Outcome::Failed, "the process that mounts was killed"};
    return {Outcome(WEXITSTATUS(status)), std::string(words, size > 0 ? size_t(size) : 0)};
}

} // namespace nightshift::sandbox
