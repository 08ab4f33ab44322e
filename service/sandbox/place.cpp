#include "sandbox/place.h"
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

constexpr int maxLinks = 40; // as Linux

/// Makes `folder` itself the place.
bool takeFolder(Fd folder, Place &place)
{
    place = {.parent = std::move(folder), .name = ".", .path = {}};
    place.path = place.parent.path();
    return bool(place.parent);
}

/// One step: the folder in front of the last name, opened.
bool takeName(Fd base, const std::string &path, Place &place)
{
    const size_t slash = path.rfind('/');
    const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
    if (name.empty() || name == "." || name == "..")
        return takeFolder(Fd(openat(base.get(), path.empty() ? "." : path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
                          place);
    if (slash != std::string::npos) {
        const std::string front = slash == 0 ? "/" : path.substr(0, slash);
        base = Fd(openat(base.get(), front.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    if (!base)
        return false;
    const std::string folder = base.path();
    place = {.parent = std::move(base), .name = name, .path = (folder == "/" ? "" : folder) + '/' + name};
    return true;
}

bool find(const Caller &caller, Fd base, std::string path, LastLink last, Place &place)
{
    if (path.empty()) {
        errno = ENOENT;
        return false;
    }
    for (int links = 0; links <= maxLinks; ++links) {
        path = caller.ownView(path);
        while (path.size() > 1 && path.ends_with('/'))
            path.pop_back();
        if (!base && !path.starts_with('/'))
            return false;
        if (!takeName(std::move(base), path, place))
            return false;
        char target[PATH_MAX];
        const ssize_t size = last == LastLink::Follow && place.name != "."
                                 ? readlinkat(place.parent.get(), place.name.c_str(), target, sizeof target)
                                 : -1;
        if (size < 0)
            return true;
        path.assign(target, size_t(size));
        base = std::move(place.parent);
    }
    errno = ELOOP;
    return false;
}

} // namespace

Fd Place::file() const
{
    return Fd(openat(parent.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

bool findPlace(const Caller &caller, int folderArgument, int pathArgument, LastLink last, Place &place)
{
    std::string path;
    return caller.text(pathArgument, path) &&
           find(caller, caller.folder(caller.number(folderArgument)), std::move(path), last, place);
}

bool findPlace(const Caller &caller, int pathArgument, LastLink last, Place &place)
{
    std::string path;
    return caller.text(pathArgument, path) && find(caller, caller.folder(AT_FDCWD), std::move(path), last, place);
}

} // namespace nightshift::sandbox
