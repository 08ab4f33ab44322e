#include "sandbox/broker.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

bool send(int listener, unsigned long long id, Reply reply)
{
    seccomp_notif_resp answer{};
    if (reply.kind == Reply::Kind::Opened) {
        const seccomp_notif_addfd file{
            .id = id, .flags = 0, .srcfd = __u32(reply.file.get()), .newfd = 0, .newfd_flags = __u32(reply.flags)};
        const int there = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &file);
        if (there < 0 && errno == ENOENT)
            return true;
        if (there < 0)
            return send(listener, id, {.kind = Reply::Kind::Failed, .error = errno}); // too many open files there
        reply.file = Fd(); // before the caller goes on: it could not run a program that we hold for writing
        answer.val = there;
    }
    answer.id = id;
    answer.error = reply.kind == Reply::Kind::Failed ? -reply.error : 0;
    answer.flags = reply.kind == Reply::Kind::Kernel ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0 || errno == ENOENT;
}

/// Whether opening it may wait for another process.
bool isPipe(const Place &place)
{
    struct stat info;
    return fstatat(place.parent.get(), place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISFIFO(info.st_mode);
}

bool isDevice(const Place &place)
{
    struct stat info;
    return fstatat(place.parent.get(), place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode));
}

} // namespace

Reply done(long result)
{
    if (result < 0)
        return {.kind = Reply::Kind::Failed, .error = errno};
    return {.kind = Reply::Kind::Done};
}

bool Broker::serve(int listener) const
{
    seccomp_notif call{};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0)
        return errno == EINTR || errno == ENOENT; // the caller died meanwhile
    const Caller caller(listener, call);
    const pid_t self = getpid();
    Reply reply = answer(caller, call.data.nr);
    const bool isSent = reply.kind == Reply::Kind::Elsewhere || send(listener, call.id, std::move(reply));
    if (getpid() != self)
        _exit(0); // we were the one who waited for a pipe
    return isSent;
}

Reply Broker::answer(const Caller &caller, long call) const
{
    Reply reply = changeAttributes(caller, call, m_places);
    return reply.kind == Reply::Kind::Kernel ? changeNames(caller, call) : std::move(reply);
}

Reply Broker::changeNames(const Caller &caller, long call) const
{
    Place place, other;
    const auto at = [&](int folder, int path, LastLink last) { return findPlace(caller, folder, path, last, place); };
    const auto both = [&](int folder, int path, int toFolder, int toPath, LastLink last) {
        return at(folder, path, last) && findPlace(caller, toFolder, toPath, LastLink::Keep, other);
    };
    const auto linkOf = [](int flags) {
        const bool keeps = (flags & O_NOFOLLOW) || (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
        return keeps ? LastLink::Keep : LastLink::Follow;
    };
    switch (call) {
    case SYS_openat: {
        const int flags = caller.number(2);
        return open(caller, at(0, 1, linkOf(flags)), place, flags, unsigned(caller.number(3)));
    }
    case SYS_mknodat:
        return make(caller, at(0, 1, LastLink::Keep), place, unsigned(caller.number(2)));
    case SYS_mkdirat:
        return makeFolder(caller, at(0, 1, LastLink::Keep), place, unsigned(caller.number(2)));
    case SYS_symlinkat:
        return makeLink(caller, at(1, 2, LastLink::Keep), place);
    case SYS_unlinkat:
        return remove(at(0, 1, LastLink::Keep), place, caller.number(2));
    case SYS_renameat2:
        return move(both(0, 1, 2, 3, LastLink::Keep), place, other, unsigned(caller.number(4)));
    case SYS_linkat: {
        const int flags = caller.number(4);
        if (flags & AT_EMPTY_PATH)
            return {}; // needs a privilege that no command has
        const LastLink last = flags & AT_SYMLINK_FOLLOW ? LastLink::Follow : LastLink::Keep;
        return linkFile(both(0, 1, 2, 3, last), place, other);
    }
    case SYS_truncate:
        return shorten(findPlace(caller, 0, LastLink::Follow, place), place, (long long)(caller.argument(1)));
#ifdef SYS_renameat
    case SYS_renameat:
        return move(both(0, 1, 2, 3, LastLink::Keep), place, other, 0);
#endif
#ifdef SYS_open // the calls of older processors, relative to the working folder
    case SYS_open: {
        const int flags = caller.number(1);
        return open(caller, findPlace(caller, 0, linkOf(flags), place), place, flags, unsigned(caller.number(2)));
    }
    case SYS_creat:
        return open(caller, findPlace(caller, 0, LastLink::Follow, place), place, O_CREAT | O_WRONLY | O_TRUNC,
                    unsigned(caller.number(1)));
    case SYS_mknod:
        return make(caller, findPlace(caller, 0, LastLink::Keep, place), place, unsigned(caller.number(1)));
    case SYS_mkdir:
        return makeFolder(caller, findPlace(caller, 0, LastLink::Keep, place), place, unsigned(caller.number(1)));
    case SYS_symlink:
        return makeLink(caller, findPlace(caller, 1, LastLink::Keep, place), place);
    case SYS_unlink:
        return remove(findPlace(caller, 0, LastLink::Keep, place), place, 0);
    case SYS_rmdir:
        return remove(findPlace(caller, 0, LastLink::Keep, place), place, AT_REMOVEDIR);
    case SYS_rename:
    case SYS_link: {
        const bool found = findPlace(caller, 0, LastLink::Keep, place) && findPlace(caller, 1, LastLink::Keep, other);
        return call == SYS_rename ? move(found, place, other, 0) : linkFile(found, place, other);
    }
#endif
    default:
        return {};
    }
}

Reply Broker::open(const Caller &caller, bool found, const Place &place, int flags, unsigned mode) const
{
    if (!mayWrite(found, place) || (flags & O_PATH) || isDevice(place) || !caller.isWaiting())
        return {};
    if (isPipe(place) && !(flags & O_NONBLOCK) && (flags & O_ACCMODE) != O_RDWR) {
        // Waits for the other end, and everybody else would wait with it.
        const pid_t waiting = fork();
        if (waiting > 0)
            return {.kind = Reply::Kind::Elsewhere};
        const int plain = flags & ~(O_CREAT | O_EXCL | O_TRUNC);
        Fd file(waiting == 0 ? openat(place.parent.get(), place.name.c_str(), plain | O_NOFOLLOW | O_CLOEXEC) : -1);
        if (!file)
            return done(-1);
        return {.kind = Reply::Kind::Opened, .file = std::move(file), .flags = flags & O_CLOEXEC};
    }
    const bool creates = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
    const mode_t mask = creates ? caller.umask() : 0;
    const int quiet = (flags & ~O_ASYNC) | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
    Fd file(openat(place.parent.get(), place.name.c_str(), quiet, mode & 07777 & ~mask));
    if (!file)
        return done(-1);
    fcntl(file.get(), F_SETFL, flags & (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME));
    return {.kind = Reply::Kind::Opened, .file = std::move(file), .flags = flags & O_CLOEXEC};
}

Reply Broker::make(const Caller &caller, bool found, const Place &place, unsigned mode) const
{
    const bool isPlain = S_ISFIFO(mode) || S_ISREG(mode) || (mode & S_IFMT) == 0;
    if (!isPlain || !mayWrite(found, place) || !caller.isWaiting())
        return {};
    return done(mknodat(place.parent.get(), place.name.c_str(), mode & ~caller.umask(), 0));
}

Reply Broker::makeFolder(const Caller &caller, bool found, const Place &place, unsigned mode) const
{
    if (!mayWrite(found, place) || !caller.isWaiting())
        return {};
    return done(mkdirat(place.parent.get(), place.name.c_str(), mode & ~caller.umask()));
}

Reply Broker::makeLink(const Caller &caller, bool found, const Place &place) const
{
    std::string target;
    if (!mayWrite(found, place) || !caller.text(0, target) || !caller.isWaiting())
        return {};
    return done(symlinkat(target.c_str(), place.parent.get(), place.name.c_str()));
}

Reply Broker::remove(bool found, const Place &place, int flags) const
{
    if (!mayWrite(found, place))
        return {};
    if (m_places.isHeld(place.path))
        return {.kind = Reply::Kind::Failed, .error = EBUSY}; // as of a mount point
    return done(unlinkat(place.parent.get(), place.name.c_str(), flags));
}

Reply Broker::move(bool found, const Place &from, const Place &to, unsigned flags) const
{
    if (!mayWrite(found, from) || !mayWrite(found, to) || (flags & RENAME_WHITEOUT))
        return {};
    if (m_places.isHeld(from.path) || m_places.isHeld(to.path))
        return {.kind = Reply::Kind::Failed, .error = EBUSY};
    return done(syscall(SYS_renameat2, from.parent.get(), from.name.c_str(), to.parent.get(), to.name.c_str(), flags));
}

Reply Broker::linkFile(bool found, const Place &from, const Place &to) const
{
    if (!mayWrite(found, to) || !mayWrite(found, from))
        return {};
    return done(linkat(from.parent.get(), from.name.c_str(), to.parent.get(), to.name.c_str(), 0));
}

Reply Broker::shorten(bool found, const Place &place, long long size) const
{
    if (!mayWrite(found, place))
        return {};
    const Fd file(openat(place.parent.get(), place.name.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    return file ? done(ftruncate(file.get(), size)) : done(-1);
}

} // namespace nightshift::sandbox
