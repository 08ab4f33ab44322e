#include "changedpaths.h"
#include "isolation/treeentry.h"
#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <linux/fs.h>
#include <set>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace nightshift::isolation {

namespace {

QByteArray joined(const QByteArray &folder, const QByteArray &name)
{
    return folder.isEmpty() ? name : folder + '/' + name;
}

qint64 nanoseconds(const timespec &time)
{
    return qint64(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

bool isFileOrLink(mode_t mode)
{
    return S_ISREG(mode) || S_ISLNK(mode);
}

class OverlayWalk
{
public:
    OverlayWalk(const QByteArray &upper, const QByteArray &lower)
        : m_upper(upper)
        , m_lower(lower)
    {}
    /// `isCovered`: of the lower folder nothing shows through.
    void visit(const QByteArray &folder, bool isCovered);
    QByteArrayList found() const { return QByteArrayList(m_found.begin(), m_found.end()); }

private:
    void takeLower(const QByteArray &path);

    const QByteArray m_upper, m_lower;
    std::set<QByteArray> m_found;
};

void OverlayWalk::takeLower(const QByteArray &path)
{
    struct stat info;
    if (lstat((m_lower + '/' + path).constData(), &info) != 0)
        return;
    if (isFileOrLink(info.st_mode))
        m_found.insert(path);
    if (S_ISDIR(info.st_mode)) {
        for (const QByteArray &name : namesIn(m_lower + '/' + path))
            takeLower(joined(path, name));
    }
}

bool isOpaque(const QByteArray &folder)
{
    char value = 0;
    return getxattr(folder.constData(), "user.overlay.opaque", &value, 1) == 1 && value == 'y';
}

void OverlayWalk::visit(const QByteArray &folder, bool isCovered)
{
    const QByteArrayList names = namesIn(joined(m_upper, folder));
    for (const QByteArray &name : names) {
        const QByteArray path = joined(folder, name), above = m_upper + '/' + path;
        struct stat info;
        if (lstat(above.constData(), &info) != 0)
            continue;
        if (!S_ISDIR(info.st_mode))
            takeLower(path); // a whiteout, or it stands in the place of what was there
        else if (!isFolder(m_lower + '/' + path))
            takeLower(path);
        if (isFileOrLink(info.st_mode))
            m_found.insert(path);
        if (S_ISDIR(info.st_mode))
            visit(path, isCovered || isOpaque(above));
    }
    if (!isCovered)
        return;
    for (const QByteArray &name : namesIn(joined(m_lower, folder))) {
        if (!names.contains(name))
            takeLower(joined(folder, name));
    }
}

bool copyFile(const QByteArray &from, const QByteArray &to, const struct stat &info)
{
    // It was a file a moment ago; a command may have put a pipe there since.
    const int in = open(from.constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    struct stat opened;
    const bool isFile = in >= 0 && fstat(in, &opened) == 0 && S_ISREG(opened.st_mode);
    const int out = !isFile ? -1 : open(to.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done = out >= 0;
    if (done && ioctl(out, FICLONE, in) != 0) {
        ssize_t size = 1;
        while (done && size > 0) {
            size = sendfile(out, in, nullptr, 1 << 30); // unlike copy_file_range() also from one file system to another
            done = size >= 0;
        }
    }
    const timespec times[] = {info.st_atim, info.st_mtim};
    done = done && fchmod(out, info.st_mode & 07777) == 0 && futimens(out, times) == 0;
    const int reason = errno;
    for (const int fd : {in, out}) {
        if (fd >= 0)
            close(fd);
    }
    errno = reason;
    return done;
}

bool copyLink(const QByteArray &from, const QByteArray &to)
{
    char target[PATH_MAX] = {};
    return readlink(from.constData(), target, sizeof target - 1) >= 0 && symlink(target, to.constData()) == 0;
}

class TreeCopy
{
public:
    TreeCopy(const QByteArray &from, const QByteArray &to, CopiedFiles &copied, QByteArray &failed)
        : m_from(from)
        , m_to(to)
        , m_copied(copied)
        , m_failed(failed)
    {}
    bool copy(const QByteArray &path);

private:
    bool copyAs(const QByteArray &path, const struct stat &info);
    bool copyFolder(const QByteArray &path, const struct stat &info);

    const QByteArray m_from, m_to;
    CopiedFiles &m_copied;
    QByteArray &m_failed;
};

bool TreeCopy::copyFolder(const QByteArray &path, const struct stat &info)
{
    const QByteArray to = joined(m_to, path);
    if (mkdir(to.constData(), 0700) != 0 && errno != EEXIST)
        return false;
    for (const QByteArray &name : namesIn(joined(m_from, path))) {
        if (!copy(joined(path, name)))
            return false;
    }
    return chmod(to.constData(), info.st_mode & 07777) == 0;
}

bool TreeCopy::copyAs(const QByteArray &path, const struct stat &info)
{
    if (S_ISDIR(info.st_mode))
        return copyFolder(path, info);
    if (!isFileOrLink(info.st_mode))
        return true;
    const QByteArray from = joined(m_from, path), to = joined(m_to, path);
    if (!(S_ISLNK(info.st_mode) ? copyLink(from, to) : copyFile(from, to, info)))
        return false;
    m_copied[path] = {changeTime(to), nanoseconds(info.st_mtim), info.st_size};
    return true;
}

bool TreeCopy::copy(const QByteArray &path)
{
    struct stat info;
    const bool done = lstat(joined(m_from, path).constData(), &info) == 0 && copyAs(path, info);
    if (!done && m_failed.isEmpty())
        m_failed = joined(m_from, path);
    return done;
}

void findTouched(const QByteArray &copy, const QByteArray &folder, CopiedFiles &left, QByteArrayList &found)
{
    for (const QByteArray &name : namesIn(joined(copy, folder))) {
        const QByteArray path = joined(folder, name), place = copy + '/' + path;
        struct stat info;
        if (lstat(place.constData(), &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode))
            findTouched(copy, path, left, found);
        else if (isFileOrLink(info.st_mode) && left.take(path).changed != nanoseconds(info.st_ctim))
            found += path;
    }
}

} // namespace

QByteArrayList changedInOverlay(const QByteArray &upper, const QByteArray &lower)
{
    OverlayWalk walk(upper, lower);
    walk.visit({}, isOpaque(upper));
    return walk.found();
}

bool copyTree(const QByteArray &from, const QByteArray &to, CopiedFiles &copied, QByteArray &failed)
{
    return TreeCopy(from, to, copied, failed).copy({});
}

QByteArrayList changedInCopy(const QByteArray &copy, const CopiedFiles &copied)
{
    CopiedFiles left = copied;
    QByteArrayList found;
    findTouched(copy, {}, left, found);
    found += left.keys(); // gone
    std::ranges::sort(found);
    return found;
}

qint64 changeTime(const QByteArray &path)
{
    struct stat info;
    return lstat(path.constData(), &info) == 0 ? nanoseconds(info.st_ctim) : 0;
}

bool isOriginal(const QByteArray &path, const CopiedFile &copied)
{
    struct stat info;
    return lstat(path.constData(), &info) == 0 && nanoseconds(info.st_mtim) == copied.originalTime &&
           info.st_size == copied.originalSize;
}

} // namespace nightshift::isolation
