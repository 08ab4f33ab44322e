#pragma once
#include "base/result.h"
#include <QByteArray>

namespace nightshift::tools {

/// The bytes of a regular file, as readBounded() gives them of fileuse::patchedText; symbolic links are followed. The
/// error is the bare reason, to be put behind a path: "No such file or directory".
Result<QByteArray> readFile(const QString &path);

/// The text of UTF-8 bytes, a byte order mark included. Errors as readFile()'s.
Result<QString> decodeText(const QByteArray &bytes);

/// `path` from the root, without dots; a relative one starts at `cwd`.
QString absolutePath(const QString &path, const QString &cwd);

/// `path` with every symbolic link in front of its last part followed; parts need not exist.
QString realParent(const QString &path);

/// `path` with every symbolic link followed: the file that writing there would write.
QString realPath(const QString &path);

} // namespace nightshift::tools
