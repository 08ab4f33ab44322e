#pragma once
#include "base/filedescriptor.h"
#include "base/fileuse.h"
#include "base/result.h"
#include <QByteArray>

namespace nightshift {

/// The door for every file that somebody else may have prepared. Opens a regular file for reading: never waits for a
/// pipe, a device, a lease or a terminal, touches none of them, and looks at the file that it has opened, not at the
/// name. Files of /proc are refused: they tell of this process, and some never end. Larger files than the use allows
/// are refused, too. Errors are the bare reason, to be put behind the path; NotFound where there is nothing.
Result<FileDescriptor> openBounded(const QString &path, const FileUse &use);

/// The file's bytes. One that grows while it is read, or holds more than its size says, is refused past the limit.
Result<QByteArray> readBounded(const QString &path, const FileUse &use);

/// The same for a path below a folder, of which no part is a symbolic link: Denied where one is, also one that was put
/// there a moment ago. `relative` has no dots.
Result<FileDescriptor> openBoundedBelow(const QString &folder, const QByteArray &relative, const FileUse &use);
Result<QByteArray> readBoundedBelow(const QString &folder, const QByteArray &relative, const FileUse &use);

/// Opens a regular file to append to, or makes one for this user alone; Invalid where anything else stands.
Result<FileDescriptor> openToAppend(const QString &path);

/// Opens a file to be written anew, which the user named: also a pipe that somebody reads, or a terminal.
Result<FileDescriptor> openToReplace(const QString &path);

/// At most the first `most` bytes of a file, however long it is, and its size.
struct FileHead
{
    QByteArray bytes;
    qint64 size = 0;
};
Result<FileHead> readHead(const QString &path, const FileUse &use, qint64 most);

} // namespace nightshift
