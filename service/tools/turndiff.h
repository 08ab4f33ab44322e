#pragma once
#include "domain/event.h"
#include <map>

namespace nightshift::tools {

/// What patches have changed since the first of them, as one diff in Git's format, sorted by path. A moved file is one
/// that went and one that came. Files are read from the disk when a patch begins and when it has ended; what
/// others wrote to them in between counts as changed, too.
class TurnDiff
{
public:
    /// Paths below `root` are shown relative to it.
    explicit TurnDiff(QString root = {})
        : m_root(std::move(root))
    {}

    /// Before the patch is written.
    void begin(const std::vector<FileChange> &changes);
    /// After it was, or half of it. Returns the diff when it is another than before.
    std::optional<QString> end(const std::vector<FileChange> &changes);

private:
    struct File
    {
        std::optional<QByteArray> before; ///< Absent when there was none.
        QString diff;                     ///< As of the latest patch that touched it.
    };

    QString m_root;
    std::map<QString, File> m_files; ///< By absolute path.
};

/// One file in Git's format, without modes of files that stay; empty when nothing changed. `name` is its path as shown.
QString gitFileDiff(const QString &name, const std::optional<QByteArray> &before,
                    const std::optional<QByteArray> &after);

} // namespace nightshift::tools
