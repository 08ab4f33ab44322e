#include "lastmessagefile.h"
#include "app/stdoutwriter.h"
#include <QFile>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

using namespace Qt::StringLiterals;

namespace nightshift::app {

static QString reason(int error)
{
    return QString::fromLocal8Bit(strerror(error));
}

LastMessageFile::LastMessageFile(QString path, int fd, bool isStream)
    : m_path(std::move(path))
    , m_fd(fd)
    , m_isStream(isStream)
{}

LastMessageFile::LastMessageFile(LastMessageFile &&other) noexcept
    : m_path(std::move(other.m_path))
    , m_fd(std::exchange(other.m_fd, -1))
    , m_isStream(other.m_isStream)
{}

LastMessageFile &LastMessageFile::operator=(LastMessageFile &&other) noexcept
{
    std::swap(m_path, other.m_path);
    std::swap(m_fd, other.m_fd);
    std::swap(m_isStream, other.m_isStream);
    return *this;
}

LastMessageFile::~LastMessageFile()
{
    if (m_fd != -1)
        close(m_fd);
}

Result<LastMessageFile> LastMessageFile::open(const QString &path)
{
    const bool isStdout = path == "/dev/stdout"_L1;
    const bool isStream = isStdout || path == "/dev/stderr"_L1;
    // Opening /dev/stdout anew would start at the beginning of a file that already holds our events.
    const int fd = isStream
                       ? fcntl(isStdout ? STDOUT_FILENO : STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
                       : ::open(QFile::encodeName(path), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0666);
    if (fd == -1)
        return fail(Error::Kind::Invalid, "Failed to open last message file \"%1\": %2"_L1.arg(path, reason(errno)));
    return LastMessageFile(path, fd, isStream);
}

std::optional<QString> LastMessageFile::finish(const std::optional<QString> &message)
{
    // A pipe or a device cannot be truncated, and need not be.
    if (!m_isStream && ftruncate(m_fd, 0) == -1 && errno != EINVAL)
        return "Warning: could not write the last message to %1: %2"_L1.arg(m_path, reason(errno));
    if (!message)
        return "Warning: no last agent message; wrote empty content to %1"_L1.arg(m_path);
    if (const int error = writeFully(m_fd, m_isStream ? answerFor(m_fd, *message) : message->toUtf8()))
        return "Warning: could not write the last message to %1: %2"_L1.arg(m_path, reason(error));
    return {};
}

} // namespace nightshift::app
