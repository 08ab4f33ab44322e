#include "net/nodelay.h"
#include <cstdlib>
#include <dirent.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace nightshift::net {

static bool isTcp(int fd)
{
    int protocol = 0;
    socklen_t size = sizeof protocol;
    return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == IPPROTO_TCP;
}

static void forEachSocket(auto what)
{
    DIR *files = opendir("/proc/self/fd");
    if (!files)
        return;
    while (const dirent *file = readdir(files)) {
        const int fd = std::atoi(file->d_name); // 0 for "." and "..", which is no TCP socket of ours
        if (fd > 0 && isTcp(fd))
            what(fd);
    }
    closedir(files);
}

void sendWithoutDelay()
{
    forEachSocket([](int fd) {
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    });
}

qint64 receivedBytes()
{
    qint64 bytes = 0;
    forEachSocket([&bytes](int fd) {
        tcp_info info{};
        socklen_t size = sizeof info;
        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
            bytes += qint64(info.tcpi_bytes_received);
    });
    return bytes;
}

} // namespace nightshift::net
