#pragma once
#include <QByteArray>
#include <QMap>

namespace nightshift::isolation {

/// Paths of files, sorted, that an overlay's upper folder adds to, changes in or takes from the lower one;
/// some may be as before. Source: the kernel's Documentation/filesystems/overlayfs.rst.
QByteArrayList changedInOverlay(const QByteArray &upper, const QByteArray &lower);

/// How a file of a copy was when the copy was made: nothing can change it and leave all of it.
struct CopiedFile
{
    qint64 changed = 0;      ///< ctime in nanoseconds.
    qint64 originalTime = 0; ///< The original's mtime in nanoseconds.
    qint64 originalSize = 0;
    bool operator==(const CopiedFile &) const = default;
};
using CopiedFiles = QMap<QByteArray, CopiedFile>;

/// Copies a tree, sharing blocks where the file system can, and says what was copied. Sockets and devices
/// are left out; false with errno, and `failed` names the path, when something could not be copied.
bool copyTree(const QByteArray &from, const QByteArray &to, CopiedFiles &copied, QByteArray &failed);

/// Paths, sorted, that were touched in the copy since.
QByteArrayList changedInCopy(const QByteArray &copy, const CopiedFiles &copied);

/// What copyTree() would say of a file by now.
qint64 changeTime(const QByteArray &path);
bool isOriginal(const QByteArray &path, const CopiedFile &copied);

} // namespace nightshift::isolation
