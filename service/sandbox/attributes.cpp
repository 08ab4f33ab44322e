#include "sandbox/broker.h"
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

namespace nightshift::sandbox {

namespace {

/// The file that a call is about, when the policy lets it be changed. Else errno tells.
Fd changeable(const Caller &caller, bool found, const Place &place, const Places &places)
{
    if (!found)
        return Fd();
    Fd file = place.file();
    if (file && (!places.mayWrite(place.path) || !caller.isWaiting())) {
        errno = EPERM;
        return Fd();
    }
    return file;
}

Fd changeable(const Caller &caller, int descriptor, const Places &places)
{
    Fd file = caller.folder(descriptor);
    if (!file)
        errno = EBADF;
    if (file && (!places.mayWrite(file.path()) || !caller.isWaiting())) {
        errno = EPERM;
        return Fd();
    }
    return file;
}

Reply setMode(const Fd &file, unsigned mode)
{
    return done(file ? chmod(file.link().c_str(), mode & 07777) : -1);
}

Reply setOwner(const Fd &file, const Caller &caller, int argument)
{
    return done(file ? fchownat(file.get(), "", uid_t(caller.number(argument)), gid_t(caller.number(argument + 1)),
                                AT_EMPTY_PATH)
                     : -1);
}

/// The times as an argument gives them, in the unit of its call; null means now.
template <typename Unit, typename Convert>
Reply setTimes(const Fd &file, const Caller &caller, int argument, Convert convert)
{
    if (!file)
        return done(-1);
    if (caller.argument(argument) == 0)
        return done(utimensat(file.get(), "", nullptr, AT_EMPTY_PATH));
    Unit given{};
    if (!caller.bytes(argument, &given, sizeof given))
        return done(-1);
    timespec times[2];
    convert(given, times);
    return done(utimensat(file.get(), "", times, AT_EMPTY_PATH));
}

struct Nanoseconds
{
    timespec times[2];
};
struct Microseconds
{
    timeval times[2];
};

Reply setNanoseconds(const Fd &file, const Caller &caller, int argument)
{
    return setTimes<Nanoseconds>(file, caller, argument, [](const Nanoseconds &given, timespec *times) {
        times[0] = given.times[0];
        times[1] = given.times[1];
    });
}

[[maybe_unused]] Reply setMicroseconds(const Fd &file, const Caller &caller, int argument)
{
    return setTimes<Microseconds>(file, caller, argument, [](const Microseconds &given, timespec *times) {
        for (int i = 0; i < 2; ++i)
            times[i] = {given.times[i].tv_sec, given.times[i].tv_usec * 1000};
    });
}

[[maybe_unused]] Reply setSeconds(const Fd &file, const Caller &caller, int argument)
{
    return setTimes<utimbuf>(file, caller, argument, [](const utimbuf &given, timespec *times) {
        times[0] = {given.actime, 0};
        times[1] = {given.modtime, 0};
    });
}

Reply setAttribute(const Fd &file, const Caller &caller)
{
    constexpr size_t most = 1 << 16; // as Linux
    std::string name;
    std::string value(size_t(caller.argument(3)) <= most ? size_t(caller.argument(3)) : 0, '\0');
    if (!file || !caller.text(1, name) || (!value.empty() && !caller.bytes(2, value.data(), value.size())))
        return done(-1);
    return done(setxattr(file.link().c_str(), name.c_str(), value.data(), value.size(), caller.number(4)));
}

Reply removeAttribute(const Fd &file, const Caller &caller)
{
    std::string name;
    return done(file && caller.text(1, name) ? removexattr(file.link().c_str(), name.c_str()) : -1);
}

LastLink linkOf(int flags)
{
    return flags & AT_SYMLINK_NOFOLLOW ? LastLink::Keep : LastLink::Follow;
}

} // namespace

Reply changeAttributes(const Caller &caller, long call, const Places &places)
{
    Place place;
    const auto at = [&](LastLink last) {
        return changeable(caller, findPlace(caller, 0, 1, last, place), place, places);
    };
    const auto plain = [&](LastLink last) {
        return changeable(caller, findPlace(caller, 0, last, place), place, places);
    };
    const auto open = [&] { return changeable(caller, caller.number(0), places); };
    switch (call) {
    case SYS_fchmod:
        return setMode(open(), unsigned(caller.number(1)));
    case SYS_fchmodat:
        return setMode(at(LastLink::Follow), unsigned(caller.number(2)));
    case SYS_fchown:
        return setOwner(open(), caller, 1);
    case SYS_fchownat: {
        std::string path;
        const int flags = caller.number(4);
        if ((flags & AT_EMPTY_PATH) && caller.text(1, path) && path.empty())
            return setOwner(open(), caller, 2);
        return setOwner(at(linkOf(flags)), caller, 2);
    }
    case SYS_utimensat: {
        std::string path;
        const int flags = caller.number(3);
        const bool isOpen =
            caller.argument(1) == 0 || ((flags & AT_EMPTY_PATH) && caller.text(1, path) && path.empty());
        return setNanoseconds(isOpen ? open() : at(linkOf(flags)), caller, 2);
    }
    case SYS_fsetxattr:
        return setAttribute(open(), caller);
    case SYS_setxattr:
        return setAttribute(plain(LastLink::Follow), caller);
    case SYS_lsetxattr:
        return setAttribute(plain(LastLink::Keep), caller);
    case SYS_fremovexattr:
        return removeAttribute(open(), caller);
    case SYS_removexattr:
        return removeAttribute(plain(LastLink::Follow), caller);
    case SYS_lremovexattr:
        return removeAttribute(plain(LastLink::Keep), caller);
#ifdef SYS_chmod // the calls of older processors
    case SYS_chmod:
        return setMode(plain(LastLink::Follow), unsigned(caller.number(1)));
    case SYS_chown:
        return setOwner(plain(LastLink::Follow), caller, 1);
    case SYS_lchown:
        return setOwner(plain(LastLink::Keep), caller, 1);
    case SYS_utime:
        return setSeconds(plain(LastLink::Follow), caller, 1);
    case SYS_utimes:
        return setMicroseconds(plain(LastLink::Follow), caller, 1);
    case SYS_futimesat:
        return setMicroseconds(at(LastLink::Follow), caller, 2);
#endif
    default:
        return {};
    }
}

} // namespace nightshift::sandbox
