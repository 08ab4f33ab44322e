#include "treeentry.h"
#include <QDir>
#include <algorithm>
#include <dirent.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::isolation {

QByteArrayList namesIn(const QByteArray &folder)
{
    QByteArrayList names;
    DIR *open = opendir(folder.constData());
    while (const dirent *entry = open ? readdir(open) : nullptr) {
        const QByteArray name = entry->d_name;
        if (name != "." && name != "..")
            names += name;
    }
    if (open)
        closedir(open);
    std::ranges::sort(names);
    return names;
}

bool isFolder(const QByteArray &path)
{
    struct stat info;
    return lstat(path.constData(), &info) == 0 && S_ISDIR(info.st_mode);
}

void removeAll(const QString &folder)
{
    for (const QByteArray &name : namesIn(QFile::encodeName(folder))) {
        const QString path = folder + u'/' + QFile::decodeName(name);
        if (!isFolder(QFile::encodeName(path)))
            continue;
        QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        removeAll(path);
    }
    QDir(folder).removeRecursively();
}

bool isGits(const QByteArray &path)
{
    return ('/' + path + '/').contains("/.git/");
}

QByteArray fingerprint(const TreeEntry &entry)
{
    return entry.exists() ? QByteArray::number(entry.mode, 8) + ' ' + blobId(entry.content) : "none"_ba;
}

} // namespace nightshift::isolation
