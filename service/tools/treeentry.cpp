#include "treeentry.h"
#include "base/boundedfile.h"
#include <QCryptographicHash>
#include <QFile>
#include <climits>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

static std::unexpected<Error> unreadable(const QByteArray &path, const QString &why)
{
    return fail(Error::Kind::Denied, u"cannot read %1: %2"_s.arg(QFile::decodeName(path), why));
}

QByteArray linkOnTheWay(const QByteArray &tree, const QByteArray &path)
{
    for (qsizetype slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
        struct stat info;
        const QByteArray folder = path.first(slash);
        if (lstat((tree + '/' + folder).constData(), &info) == 0 && S_ISLNK(info.st_mode))
            return folder;
    }
    return {};
}

Result<TreeEntry> readEntry(const QByteArray &tree, const QByteArray &path, const FileUse &use)
{
    if (!linkOnTheWay(tree, path).isEmpty())
        return TreeEntry();
    const QByteArray place = tree + '/' + path;
    struct stat info;
    if (lstat(place.constData(), &info) != 0)
        return TreeEntry();
    if (S_ISLNK(info.st_mode)) {
        char target[PATH_MAX];
        const ssize_t size = readlink(place.constData(), target, sizeof target);
        if (size < 0)
            return unreadable(place, QString::fromLocal8Bit(strerror(errno)));
        return TreeEntry{TreeEntry::link, QByteArray(target, size)};
    }
    if (!S_ISREG(info.st_mode))
        return TreeEntry();
    // Name by name, for a command may have put a link there since: what it leads to is no part of the tree.
    auto bytes = readBoundedBelow(tree.isEmpty() ? u"/"_s : QFile::decodeName(tree), path, use);
    if (!bytes)
        return unreadable(place, bytes.error().message);
    return TreeEntry{info.st_mode & 0100 ? TreeEntry::program : TreeEntry::file, std::move(*bytes)};
}

QByteArray blobId(const QByteArray &content)
{
    QCryptographicHash hash(QCryptographicHash::Sha1);
    hash.addData("blob " + QByteArray::number(content.size()));
    hash.addData(QByteArrayView("\0", 1));
    hash.addData(content);
    return hash.result().toHex();
}

} // namespace nightshift::tools
