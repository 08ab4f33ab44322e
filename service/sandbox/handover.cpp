#include "sandbox/handover.h"
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>

namespace nightshift::sandbox {

namespace {

/// A message of one byte, with room for one descriptor beside it.
struct Message
{
    char byte;
    iovec part{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr header{};

    explicit Message(char word)
        : byte(word)
    {
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control;
        header.msg_controllen = sizeof control;
    }
    Message(const Message &) = delete; // it points into itself
    Message &operator=(const Message &) = delete;
};

} // namespace

bool handOver(int socket, char word, int fd)
{
    Message message(word);
    cmsghdr *part = CMSG_FIRSTHDR(&message.header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(part), &fd, sizeof fd);
    return sendmsg(socket, &message.header, 0) == 1;
}

bool takeOver(int socket, char &word, int &fd)
{
    Message message(0);
    fd = -1;
    if (recvmsg(socket, &message.header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != 1)
        return false;
    word = message.byte;
    const cmsghdr *part = CMSG_FIRSTHDR(&message.header);
    if (part && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(part), sizeof fd);
    return true;
}

} // namespace nightshift::sandbox
