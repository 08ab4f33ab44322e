#include "sandbox/writefiles.h"
#include "sandbox/edits.h"
#include "sandbox/sparefiles.h"
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nightshift::sandbox {

namespace {

/// How to take one step back.
struct Undo
{
    enum class Kind {
        RemoveFolder, ///< path was made
        RemoveFile,   ///< path was made
        MoveBack,     ///< path's old file waits at `spare`
        Rewrite,      ///< path was overwritten in place; `content` was in it
        MakeFolder,   ///< path was an empty folder
    };
    Kind kind;
    std::string path;
    std::string spare;
    std::string content;
    mode_t mode = 0; ///< Of MakeFolder.
};

/// Of a file that is overwritten in place: its old content is kept for the way back.
constexpr size_t mostKept = 256 << 20;

std::string folderOf(const std::string &path)
{
    const size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

bool readAll(int fd, std::string &bytes, size_t most = std::string::npos)
{
    char buffer[65536];
    for (;;) {
        if (bytes.size() > most) {
            errno = EFBIG;
            return false;
        }
        const ssize_t got = read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        bytes.append(buffer, size_t(got));
    }
}

bool writeAll(int fd, const std::string &bytes)
{
    size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t wrote = write(fd, bytes.data() + done, bytes.size() - done);
        if (wrote < 0 && errno != EINTR)
            return false;
        done += wrote > 0 ? size_t(wrote) : 0;
    }
    return true;
}

/// Opens a regular file that is there. A command may have put a pipe or a link in its place a moment ago: waits for no
/// other program, and follows no link, for those were followed before. -1 and errno where it is anything else.
int openRegular(const std::string &path, int how)
{
    const int fd = open(path.c_str(), how | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat info;
    if (fd < 0)
        return -1;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

/// `path` with a symbolic link at its end followed, also one that leads nowhere yet.
bool followLinks(std::string &path)
{
    for (int links = 0; links < 40; ++links) { // as Linux
        char target[4096];
        const ssize_t length = readlink(path.c_str(), target, sizeof target);
        if (length < 0)
            return errno == EINVAL || errno == ENOENT || errno == ENOTDIR; // no link; what else is wrong shows later
        const std::string next(target, size_t(length));
        path = next.starts_with('/') ? next : folderOf(path) + '/' + next;
    }
    errno = ELOOP;
    return false;
}

/// Carries edits out one after the other. After a failure errno tells why, and undo() takes all back.
class Writing
{
public:
    bool carryOut(const Edit &edit);
    /// Drops the old files.
    void keep();
    /// False when something could not be put back.
    bool undo();

private:
    bool replace(const Edit &edit);
    bool remove(const std::string &path);
    bool removeFolder(const std::string &path);
    bool makeLink(const Edit &edit);
    bool makeFolders(const std::string &path);
    bool writeBeside(const std::string &target, const Edit &edit, const struct stat *old);
    bool writeInPlace(const std::string &target, const std::string &content);

    std::vector<Undo> m_undo;
    SpareFiles m_spares;
};

bool Writing::carryOut(const Edit &edit)
{
    switch (edit.kind) {
    case Edit::Kind::Write:
        return replace(edit);
    case Edit::Kind::Remove:
        return remove(edit.path);
    case Edit::Kind::RemoveFolder:
        return removeFolder(edit.path);
    case Edit::Kind::Link:
        return makeLink(edit);
    }
    return false;
}

bool Writing::removeFolder(const std::string &path)
{
    struct stat there;
    if (lstat(path.c_str(), &there) != 0 || !S_ISDIR(there.st_mode))
        return true; // gone, or something else by now
    if (rmdir(path.c_str()) == 0) {
        m_undo.push_back({Undo::Kind::MakeFolder, path, {}, {}, there.st_mode & 07777});
        return true;
    }
    if ((errno != ENOTEMPTY && errno != EEXIST) || !SpareFiles::areAllIn(path))
        return errno == ENOTEMPTY || errno == EEXIST;
    std::string spare;
    if (!m_spares.makeFolder(path, spare) || rename(path.c_str(), spare.c_str()) != 0)
        return false;
    m_undo.push_back({Undo::Kind::MoveBack, path, spare, {}});
    return true;
}

bool Writing::makeLink(const Edit &edit)
{
    if (!makeFolders(folderOf(edit.path)) || symlink(edit.content.c_str(), edit.path.c_str()) != 0)
        return false;
    m_undo.push_back({Undo::Kind::RemoveFile, edit.path, {}, {}});
    return true;
}

bool Writing::replace(const Edit &edit)
{
    std::string target = edit.path;
    if (!followLinks(target) || !makeFolders(folderOf(target)))
        return false;
    struct stat old;
    if (stat(target.c_str(), &old) != 0)
        return errno == ENOENT && writeBeside(target, edit, nullptr);
    if (!S_ISREG(old.st_mode)) {
        errno = S_ISDIR(old.st_mode) ? EISDIR : EINVAL;
        return false;
    }
    const int writable = openRegular(target, O_WRONLY); // a rename would get around its permissions
    if (writable < 0)
        return false;
    close(writable);
    if (writeBeside(target, edit, &old))
        return true;
    // A folder that takes no new files, a mount point, somebody else's file: then the file itself is written.
    const bool rightsOnly = errno == EACCES || errno == EPERM || errno == EROFS || errno == EBUSY || errno == EINVAL;
    return rightsOnly && writeInPlace(target, edit.content);
}

bool Writing::makeFolders(const std::string &path)
{
    struct stat there;
    if (stat(path.c_str(), &there) == 0) {
        errno = ENOTDIR;
        return S_ISDIR(there.st_mode);
    }
    if (errno != ENOENT || path == "/" || !makeFolders(folderOf(path)) || mkdir(path.c_str(), 0777) != 0)
        return false;
    m_undo.push_back({Undo::Kind::RemoveFolder, path, {}, {}});
    return true;
}

/// Leaves no trace when it fails.
bool Writing::writeBeside(const std::string &target, const Edit &edit, const struct stat *old)
{
    const mode_t mask = umask(0);
    umask(mask);
    mode_t mode = old ? old->st_mode : 0666 & ~mask;
    struct stat model;
    if (!edit.modeOf.empty() && stat(edit.modeOf.c_str(), &model) == 0)
        mode = model.st_mode;
    std::string fresh, spare;
    int fd;
    if (!m_spares.make(target, fresh, fd))
        return false;
    // Never set-user-ID: new content has not earned it.
    const bool owned =
        !old || (old->st_uid == geteuid() && old->st_gid == getegid()) || fchown(fd, old->st_uid, old->st_gid) == 0;
    bool done = owned && writeAll(fd, edit.content) && fchmod(fd, mode & 0777) == 0;
    done = close(fd) == 0 && done;
    if (done && old) {
        // Two names for the old file, so that there is no moment without one.
        spare = fresh + "~";
        done = link(target.c_str(), spare.c_str()) == 0;
        if (!done) { // a file system without links: for a moment this will be its only name
            spare = fresh + "~old";
            done = rename(target.c_str(), spare.c_str()) == 0;
        }
    }
    if (done && rename(fresh.c_str(), target.c_str()) == 0) {
        m_undo.push_back({old ? Undo::Kind::MoveBack : Undo::Kind::RemoveFile, target, spare, {}});
        return true;
    }
    const int reason = errno;
    if (done && old)
        rename(spare.c_str(), target.c_str()); // of two names of one file this does nothing, and the next line the rest
    unlink(spare.c_str());
    unlink(fresh.c_str());
    errno = reason;
    return false;
}

bool Writing::writeInPlace(const std::string &target, const std::string &content)
{
    const int fd = openRegular(target, O_RDWR);
    std::string before;
    if (fd < 0)
        return false;
    if (!readAll(fd, before, mostKept)) {
        close(fd);
        return false;
    }
    m_undo.push_back({Undo::Kind::Rewrite, target, {}, std::move(before)});
    const bool done = lseek(fd, 0, SEEK_SET) == 0 && ftruncate(fd, 0) == 0 && writeAll(fd, content);
    return close(fd) == 0 && done;
}

bool Writing::remove(const std::string &path)
{
    struct stat there;
    std::string spare;
    int fd;
    if (lstat(path.c_str(), &there) != 0)
        return false;
    if (S_ISDIR(there.st_mode)) {
        errno = EISDIR;
        return false;
    }
    if (!m_spares.make(path, spare, fd))
        return false;
    close(fd);
    if (rename(path.c_str(), spare.c_str()) != 0) {
        const int reason = errno;
        unlink(spare.c_str());
        errno = reason;
        return false;
    }
    m_undo.push_back({Undo::Kind::MoveBack, path, spare, {}});
    return true;
}

void Writing::keep()
{
    for (const Undo &step : m_undo) {
        if (step.kind == Undo::Kind::MoveBack && unlink(step.spare.c_str()) != 0)
            SpareFiles::removeAll(step.spare); // or gone with the folder that it was in
    }
}

bool Writing::undo()
{
    bool whole = true;
    for (; !m_undo.empty(); m_undo.pop_back()) {
        const Undo &step = m_undo.back();
        switch (step.kind) {
        case Undo::Kind::RemoveFolder:
            whole = rmdir(step.path.c_str()) == 0 && whole;
            break;
        case Undo::Kind::RemoveFile:
            whole = unlink(step.path.c_str()) == 0 && whole;
            break;
        case Undo::Kind::MoveBack:
            whole = rename(step.spare.c_str(), step.path.c_str()) == 0 && whole;
            break;
        case Undo::Kind::MakeFolder:
            whole = mkdir(step.path.c_str(), step.mode) == 0 && whole;
            break;
        case Undo::Kind::Rewrite: {
            const int fd = openRegular(step.path, O_WRONLY);
            whole = fd >= 0 && ftruncate(fd, 0) == 0 && writeAll(fd, step.content) && close(fd) == 0 && whole;
            break;
        }
        }
    }
    return whole;
}

} // namespace

int writeFiles(int fd)
{
    std::string input;
    std::vector<Edit> edits;
    if (!readAll(fd, input) || !parseEdits(input, edits)) {
        printf("The edits did not arrive whole; nothing was changed\n");
        return 2;
    }
    input.clear();
    // Half a patch is worse than a late answer.
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ})
        signal(number, SIG_IGN);
    Writing writing;
    for (const Edit &edit : edits) {
        if (writing.carryOut(edit))
            continue;
        const char *const reason = strerror(errno);
        const bool isRemoval = edit.kind == Edit::Kind::Remove || edit.kind == Edit::Kind::RemoveFolder;
        const bool restored = writing.undo();
        printf("Failed to %s file %s: %s; %s\n", isRemoval ? "delete" : "write", edit.path.c_str(), reason,
               restored ? "nothing was changed" : "not everything could be put back");
        return 1;
    }
    writing.keep();
    printf("done\n");
    return 0;
}

} // namespace nightshift::sandbox
