#include "net/nodelay.h"
#include <cstdlib>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace nightshift::net {

static bool isTcp(int fd)
{
    int protocol = 0;
    socklen_t size = sizeof protocol;
    return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == IPPROTO_TCP;
}

void sendWithoutDelay()
{
    DIR *files = opendir("/proc/self/fd");
    if (!files)
        return; // only slower then
    while (const dirent *file = readdir(files)) {
        const int fd = std::atoi(file->d_name); // 0 for "." and "..", which is no TCP socket of ours
        const int on = 1;
        if (fd > 0 && isTcp(fd))
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    closedir(files);
}

} // namespace nightshift::net
