#pragma once
#include <QString>

namespace nightshift::http {

/// Tells whether a file is another than before, without reading it.
struct FileStamp
{
    qint64 inode = 0;
    qint64 size = -1; ///< -1 when there is none.
    qint64 changedNs = 0;
    bool operator==(const FileStamp &) const = default;
};

FileStamp stampOf(const QString &path);

} // namespace nightshift::http
