#include "host/outfolder.h"
#include <QFile>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

using namespace Qt::StringLiterals;

namespace nightshift::host {

namespace {

constexpr int asFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

std::unexpected<Error> failed(const QString &name)
{
    const bool isLink = errno == ELOOP || errno == ENOTDIR;
    return fail(Error::Kind::Denied,
                isLink ? u"cannot write %1: a link or a file stands where its folder should be"_s.arg(name)
                       : u"cannot write %1: %2"_s.arg(name, qt_error_string(errno)));
}

bool writeAll(int fd, QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const ssize_t written = ::write(fd, bytes.data(), size_t(bytes.size()));
        if (written < 0 && errno != EINTR)
            return false;
        bytes = bytes.sliced(std::max<ssize_t>(written, 0));
    }
    return true;
}

} // namespace

Result<OutFolder> OutFolder::open(const QString &path)
{
    const int fd = ::open(QFile::encodeName(path).constData(), asFolder);
    return fd < 0 ? Result<OutFolder>(failed(path)) : OutFolder(fd);
}

OutFolder::OutFolder(OutFolder &&other) noexcept
    : m_fd(std::exchange(other.m_fd, -1))
{}

OutFolder::~OutFolder()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

Result<> OutFolder::write(const QString &name, const QByteArray &bytes) const
{
    QList<QByteArray> steps = QFile::encodeName(name).split('/');
    const QByteArray file = steps.takeLast();
    int folder = ::fcntl(m_fd, F_DUPFD_CLOEXEC, 0);
    for (const QByteArray &step : std::as_const(steps)) {
        ::mkdirat(folder, step.constData(), 0777); // it may be there
        const int next = ::openat(folder, step.constData(), asFolder | O_NOFOLLOW);
        const int error = errno;
        ::close(std::exchange(folder, next));
        errno = error;
        if (folder < 0)
            return failed(name);
    }
    const auto written = folder < 0 ? Result<>(failed(name)) : replace(folder, file, bytes);
    ::close(folder);
    return written;
}

Result<> OutFolder::replace(int folder, const QByteArray &name, const QByteArray &bytes) const
{
    const QByteArray other = '.' + name + '.' + QByteArray::number(::getpid()) + ".new";
    ::unlinkat(folder, other.constData(), 0); // of a process that was killed
    const int fd = ::openat(folder, other.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return failed(QFile::decodeName(name));
    const bool done = writeAll(fd, bytes);
    ::close(fd);
    if (done && ::renameat(folder, other.constData(), folder, name.constData()) == 0)
        return {};
    const auto why = failed(QFile::decodeName(name));
    ::unlinkat(folder, other.constData(), 0);
    return why;
}

} // namespace nightshift::host
