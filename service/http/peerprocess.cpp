#include "peerprocess.h"
#include "http/listener.h"
#include <QFile>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace nightshift::http {

#ifndef SO_PEERPIDFD // Linux 6.5
#define SO_PEERPIDFD 77
#endif

static bool isSameNamespace(const std::string &process, const char *kind)
{
    struct stat theirs = {}, ours = {};
    return ::stat((process + "/ns/" + kind).c_str(), &theirs) == 0 &&
           ::stat((std::string("/proc/self/ns/") + kind).c_str(), &ours) == 0 && theirs.st_ino == ours.st_ino &&
           theirs.st_dev == ours.st_dev;
}

bool isInOurNamespaces(int fd)
{
    ucred peer = {};
    socklen_t length = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.pid <= 0)
        return false; // 0: a namespace that ours does not see
    int held = -1;
    length = sizeof held;
    const bool isHeld = ::getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &held, &length) == 0;
    if (!isHeld && errno != ENOPROTOOPT)
        return false;
    const Descriptor process(held);
    const std::string folder = "/proc/" + std::to_string(peer.pid);
    const bool isSame = isSameNamespace(folder, "user") && isSameNamespace(folder, "pid");
    pollfd ended{process.get(), POLLIN, 0}; // another process may have its number by now
    return isSame && (!isHeld || ::poll(&ended, 1, 0) == 0);
}

QString socketPath(int fd)
{
    sockaddr_un address = {};
    socklen_t length = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length);
    return address.sun_family == AF_UNIX
               ? QFile::decodeName(
                     QByteArray(address.sun_path, qsizetype(strnlen(address.sun_path, sizeof address.sun_path))))
               : QString();
}

} // namespace nightshift::http
