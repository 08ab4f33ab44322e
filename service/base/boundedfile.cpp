#include "base/boundedfile.h"
#include <QFile>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

using namespace Qt::StringLiterals;

namespace nightshift {

namespace {

std::unexpected<Error> systemReason(int code)
{
    const Error::Kind kind = code == ENOENT || code == ENOTDIR ? Error::Kind::NotFound
                             : code == EACCES || code == EPERM ? Error::Kind::Denied
                                                               : Error::Kind::Invalid;
    if (code == EWOULDBLOCK)
        return fail(Error::Kind::Invalid, u"another program keeps it from being read (a lease, or nothing to read)"_s);
    return fail(kind, QString::fromLocal8Bit(std::strerror(code)));
}

QString kindName(mode_t mode)
{
    return S_ISDIR(mode)    ? u"a folder"_s
           : S_ISFIFO(mode) ? u"a named pipe"_s
           : S_ISSOCK(mode) ? u"a socket"_s
           : S_ISCHR(mode)  ? u"a character device"_s
           : S_ISBLK(mode)  ? u"a block device"_s
           : S_ISLNK(mode)  ? u"a symbolic link"_s
                            : u"a file of /proc"_s;
}

std::unexpected<Error> refused(mode_t mode, const FileUse &use)
{
    return fail(Error::Kind::Invalid,
                u"it is %1, expected a regular file: %2"_s.arg(kindName(mode), QLatin1StringView(use.name)));
}

std::unexpected<Error> tooLarge(const FileUse &use)
{
    return fail(Error::Kind::Invalid,
                u"it is too large: %1 has at most %2 bytes"_s.arg(QLatin1StringView(use.name)).arg(use.mostBytes));
}

/// A descriptor that this process was started with; no other program can put something else behind the name.
bool namesOwnDescriptor(const QString &path)
{
    return path == "/dev/stdin"_L1 || path.startsWith("/dev/fd/"_L1) || path.startsWith("/proc/self/fd/"_L1);
}

bool isInProc(int fd)
{
    struct statfs system{};
    return ::fstatfs(fd, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

struct Opened
{
    FileDescriptor file;
    qint64 size = 0;
};

/// A link to it, or it itself mounted over a file, is the usual way to switch a file off.
bool isNullDevice(const struct stat &info)
{
    return S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3);
}

/// Opens what `place` (O_PATH) stands for, if it is a file of the right kind. Opening a device may already do
/// something.
Result<Opened> openPlace(const FileDescriptor &place, const FileUse &use, bool isOwnDescriptor, int how = O_RDONLY)
{
    struct stat info{};
    if (!place || ::fstat(place.get(), &info) != 0)
        return systemReason(errno);
    const bool isPipe = isOwnDescriptor && S_ISFIFO(info.st_mode);
    const bool isFile = (S_ISREG(info.st_mode) && !isInProc(place.get())) || isNullDevice(info);
    if (!isFile && !isPipe)
        return refused(info.st_mode, use);
    const QByteArray itself = "/proc/self/fd/" + QByteArray::number(place.get());
    FileDescriptor file(::open(itself.constData(), how | O_CLOEXEC | O_NOCTTY | (isPipe ? 0 : O_NONBLOCK)));
    if (!file)
        return systemReason(errno);
    if (isFile && info.st_size > use.mostBytes)
        return tooLarge(use);
    return Opened{std::move(file), isPipe ? 0 : info.st_size};
}

Result<Opened> openPath(const QString &path, const FileUse &use)
{
    if (path.contains(QChar::Null))
        return fail(Error::Kind::Invalid, u"its name holds a NUL character"_s);
    const FileDescriptor place(::open(QFile::encodeName(path).constData(), O_PATH | O_CLOEXEC));
    return openPlace(place, use, use.kind == FileUse::Kind::OwnPipes && namesOwnDescriptor(path));
}

/// Name by name: what is looked at cannot be exchanged for a link afterwards.
Result<Opened> openBelow(const QString &folder, const QByteArray &relative, const FileUse &use)
{
    FileDescriptor place(::open(QFile::encodeName(folder).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (const QByteArray &name : relative.split('/')) {
        if (!place)
            return systemReason(errno);
        if (name.isEmpty() || name == "." || name == ".." || name.contains('\0'))
            return fail(Error::Kind::Invalid, u"its path is not plain"_s);
        place = FileDescriptor(::openat(place.get(), name.constData(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat info{};
        if (place && ::fstat(place.get(), &info) == 0 && S_ISLNK(info.st_mode))
            return fail(Error::Kind::Denied, u"a symbolic link is on the way"_s);
    }
    return openPlace(place, use, false);
}

Result<QByteArray> readUpTo(int fd, qint64 most, qint64 expected)
{
    constexpr qint64 step = 65536;
    QByteArray bytes;
    bytes.reserve(std::min(most, expected));
    while (bytes.size() < most) {
        const qint64 had = bytes.size();
        bytes.resizeForOverwrite(std::min(most, std::max(had + step, std::min(expected, most))));
        const ssize_t got = ::read(fd, bytes.data() + had, size_t(bytes.size() - had));
        const int code = errno;
        bytes.truncate(had + std::max<ssize_t>(got, 0));
        if (got == 0)
            break;
        if (got < 0 && code != EINTR)
            return systemReason(code);
    }
    return bytes;
}

FileDescriptor takeFile(Opened &&opened)
{
    return std::move(opened.file);
}

Result<QByteArray> readWhole(const Result<Opened> &opened, const FileUse &use)
{
    if (!opened)
        return std::unexpected(opened.error());
    auto bytes = readUpTo(opened->file.get(), use.mostBytes + 1, opened->size + 1);
    if (bytes && bytes->size() > use.mostBytes)
        return tooLarge(use);
    return bytes;
}

} // namespace

Result<FileDescriptor> openBounded(const QString &path, const FileUse &use)
{
    return openPath(path, use).transform(&takeFile);
}

Result<FileDescriptor> openBoundedBelow(const QString &folder, const QByteArray &relative, const FileUse &use)
{
    return openBelow(folder, relative, use).transform(&takeFile);
}

Result<QByteArray> readBounded(const QString &path, const FileUse &use)
{
    return readWhole(openPath(path, use), use);
}

Result<QByteArray> readBoundedBelow(const QString &folder, const QByteArray &relative, const FileUse &use)
{
    return readWhole(openBelow(folder, relative, use), use);
}

Result<FileDescriptor> openToAppend(const QString &path)
{
    static constexpr FileUse appended{"a file to append to", std::numeric_limits<qint64>::max()};
    const QByteArray name = QFile::encodeName(path);
    for (int tries = 0; tries < 3; ++tries) { // it may come or go between the two ways
        const FileDescriptor place(::open(name.constData(), O_PATH | O_CLOEXEC));
        if (place || errno != ENOENT)
            return openPlace(place, appended, false, O_RDWR | O_APPEND).transform(&takeFile);
        FileDescriptor made(::open(name.constData(), O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (made)
            return made;
        if (errno != EEXIST)
            return systemReason(errno);
    }
    return systemReason(EEXIST); // a link that leads nowhere
}

Result<FileDescriptor> openToReplace(const QString &path)
{
    constexpr int how = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    FileDescriptor file(::open(QFile::encodeName(path).constData(), how, 0666));
    if (!file)
        return errno == ENXIO ? fail(Error::Kind::Invalid, u"it is a pipe that nobody reads"_s) : systemReason(errno);
    ::fcntl(file.get(), F_SETFL, ::fcntl(file.get(), F_GETFL) & ~O_NONBLOCK);
    return file;
}

Result<FileHead> readHead(const QString &path, const FileUse &use, qint64 most)
{
    FileUse ofAnySize = use;
    ofAnySize.mostBytes = std::numeric_limits<qint64>::max();
    const auto opened = openPath(path, ofAnySize);
    if (!opened)
        return std::unexpected(opened.error());
    auto bytes = readUpTo(opened->file.get(), most, opened->size);
    if (!bytes)
        return std::unexpected(bytes.error());
    return FileHead{std::move(*bytes), opened->size};
}

} // namespace nightshift
