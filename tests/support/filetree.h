#pragma once
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QMap>

namespace nightshift::test {

/// A folder's files by relative path, in a form that compares and prints well: a file's bytes, with "x:"
/// in front when it is executable; "-> target" for a symbolic link; "" for a folder, `name/`, without files.
using FileTree = QMap<QString, QByteArray>;

inline FileTree readTree(const QString &root)
{
    FileTree tree;
    QDirIterator entries(root, QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                         QDirIterator::Subdirectories);
    while (entries.hasNext()) {
        const QFileInfo info = entries.nextFileInfo();
        const QString name = info.filePath().sliced(root.size() + 1);
        if (info.isSymLink()) {
            tree[name] = "-> " + info.readSymLink().toUtf8();
        } else if (info.isDir()) {
            if (QDir(info.filePath()).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot))
                tree[name + u'/'] = "";
        } else {
            QFile file(info.filePath());
            const bool read = file.open(QIODevice::ReadOnly);
            tree[name] = (info.isExecutable() ? "x:" : "") + (read ? file.readAll() : QByteArray("unreadable"));
        }
    }
    return tree;
}

inline void makeTree(const QString &root, const FileTree &tree)
{
    for (const auto &[name, content] : tree.asKeyValueRange()) {
        const QString path = root + u'/' + name;
        QDir().mkpath(name.endsWith(u'/') ? path : QFileInfo(path).path());
        if (content.startsWith("-> ")) {
            QFile::link(QString::fromUtf8(content.sliced(3)), path);
        } else if (!name.endsWith(u'/')) {
            const bool executable = content.startsWith("x:");
            QFile file(path);
            if (file.open(QIODevice::WriteOnly))
                file.write(executable ? content.sliced(2) : content);
            if (executable)
                file.setPermissions(file.permissions() | QFile::ExeOwner | QFile::ExeGroup | QFile::ExeOther);
        }
    }
}

} // namespace nightshift::test
