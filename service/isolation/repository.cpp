#include "repository.h"
#include "base/boundedfile.h"
#include "isolation/treeentry.h"
#include "store/folders.h"
#include <QDir>
#include <QFileInfo>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::isolation {

namespace {

/// The first line of one of Git's own small files; empty when there is none.
QString lineOf(const QString &path)
{
    const auto bytes = readBounded(path, fileuse::gitState);
    return bytes ? QFile::decodeName(bytes->first(bytes->indexOf('\n') < 0 ? bytes->size() : bytes->indexOf('\n')))
                 : QString();
}

QString resolved(const QString &folder, const QString &path)
{
    return path.isEmpty() ? QString() : QFileInfo(QDir(folder).absoluteFilePath(path)).canonicalFilePath();
}

/// A real folder, not a link to one: what is written there must land in the repository.
bool isRealFolder(const QString &path)
{
    return isFolder(QFile::encodeName(path));
}

bool writeNew(const QString &path, const QByteArray &content)
{
    const int fd =
        open(QFile::encodeName(path).constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    const bool done = fd >= 0 && write(fd, content.constData(), size_t(content.size())) == content.size();
    const int reason = errno;
    if (fd >= 0)
        close(fd);
    errno = reason;
    return done;
}

} // namespace

bool copyIndex(const QString &from, const QString &to)
{
    struct stat info;
    if (!QFile::copy(from, to) || stat(QFile::encodeName(from).constData(), &info) != 0)
        return false;
    const timespec times[] = {info.st_atim, info.st_mtim};
    return utimensat(AT_FDCWD, QFile::encodeName(to).constData(), times, 0) == 0;
}

Result<Repository> Repository::of(const QString &tree)
{
    const QString own = tree + "/.git"_L1;
    Repository found{.tree = tree, .git = {}, .common = {}};
    constexpr auto key = "gitdir: "_L1;
    if (QFileInfo(own).isDir())
        found.git = QFileInfo(own).canonicalFilePath();
    else if (const QString line = lineOf(own); line.startsWith(key))
        found.git = resolved(tree, line.sliced(key.size()));
    if (!found.git.isEmpty()) {
        const QString shared = lineOf(found.git + "/commondir"_L1);
        found.common = shared.isEmpty() ? found.git : resolved(found.git, shared);
    }
    if (found.common.isEmpty() || !QFileInfo::exists(found.git + "/HEAD"_L1) ||
        !QFileInfo(found.common + "/objects"_L1).isDir() || !QFileInfo(found.common + "/refs"_L1).isDir())
        return fail(Error::Kind::NotFound, u"%1 is the top of no Git working tree"_s.arg(tree));
    return found;
}

Result<Repository> Repository::linked(const QString &place) const
{
    const QString all = common + "/worktrees"_L1;
    for (const QByteArray &name : namesIn(QFile::encodeName(all))) {
        const QString git = all + u'/' + QFile::decodeName(name);
        if (isRealFolder(git) && lineOf(git + "/gitdir"_L1) == place + "/.git"_L1)
            return Repository{.tree = place, .git = git, .common = common};
    }
    return fail(Error::Kind::NotFound,
                u"the repository %1 does not know the worktree %2; was it removed, or moved?"_s.arg(common, place));
}

Result<Repository> Repository::link(const QString &place, const QByteArray &commit, const QString &index) const
{
    const QString all = common + "/worktrees"_L1;
    if (QFileInfo::exists(common + "/reftable"_L1))
        return fail(Error::Kind::Invalid, u"the repository %1 keeps its references as a reftable, where worktrees "
                                          "cannot be made yet; --isolation copy or overlay can"_s.arg(common));
    QDir().mkdir(all);
    if (!isRealFolder(all))
        return store::systemError(u"make the folder"_s, all);
    const QString name = QFileInfo(place).fileName();
    QString made;
    for (int number = 0; made.isEmpty(); ++number) {
        const QString wanted = all + u'/' + name + (number > 0 ? QString::number(number) : QString());
        if (mkdir(QFile::encodeName(wanted).constData(), 0777) == 0)
            made = wanted;
        else if (errno != EEXIST)
            return store::systemError(u"make the folder"_s, wanted);
    }
    // First what names the tree: Git prunes a folder without it.
    const bool isBuilt = writeNew(made + "/gitdir"_L1, QFile::encodeName(place) + "/.git\n") &&
                         writeNew(place + "/.git"_L1, "gitdir: " + QFile::encodeName(made) + '\n') &&
                         writeNew(made + "/commondir"_L1, "../..\n") && writeNew(made + "/HEAD"_L1, commit + '\n') &&
                         copyIndex(index, made + "/index"_L1);
    if (!isBuilt) {
        const auto failed = store::systemError(u"write into"_s, made);
        removeAll(made);
        return failed;
    }
    if (const auto sparse = readBounded(git + "/info/sparse-checkout"_L1, fileuse::gitState))
        std::ignore = QDir().mkdir(made + "/info"_L1) && writeNew(made + "/info/sparse-checkout"_L1, *sparse);
    return Repository{.tree = place, .git = made, .common = common};
}

void Repository::unlink(const QString &place) const
{
    const auto known = linked(place);
    if (!known)
        return;
    removeAll(known->git);
    QDir().rmdir(common + "/worktrees"_L1); // stays when there are others
}

} // namespace nightshift::isolation
