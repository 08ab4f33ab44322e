#pragma once
#include "base/result.h"
#include "domain/settings.h"
#include "isolation/changedpaths.h"

namespace nightshift::isolation {

/// What tree.json holds. Paths are percent-encoded there: they may be no UTF-8.
struct TreeFile
{
    Isolation kind = Isolation::None;
    QString tree;
    QString cwd;
    QByteArray commit;
    bool isApplied = false;
    bool hasFullAccess = false; ///< Its session asked for danger-full-access.
    QMap<QByteArray, QByteArray> bases;
    CopiedFiles copied;
    bool operator==(const TreeFile &) const = default;
};

Result<TreeFile> readTreeFile(const QString &path);
/// Whole or not at all.
Result<> writeTreeFile(const QString &path, const TreeFile &file);

} // namespace nightshift::isolation
