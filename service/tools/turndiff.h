#pragma once
#include "domain/event.h"
#include "tools/treeentry.h"
#include <map>

namespace nightshift::tools {

/// What patches have changed since the first of them, as one diff in Git's format, sorted by path: as `git diff
/// --find-renames --full-index` shows it, but that what a patch moved is a rename however much it changed. Files are
/// read from the disk when a patch begins and when it has ended; what others wrote to them in between counts, too. A
/// file of more than 64 MiB is not shown.
class TurnDiff
{
public:
    /// Paths below `root` are shown relative to it.
    explicit TurnDiff(const QString &root = {});

    /// Before the patch is written.
    void begin(const std::vector<FileChange> &changes);
    /// After it was, or half of it. Returns the diff when it is another than before.
    std::optional<QString> end(const std::vector<FileChange> &changes);

private:
    TreeEntry entryAt(const QString &place);
    void noteMove(const FileChange &change);
    QByteArray nameOf(const QString &place) const;

    QString m_root;
    std::map<QString, TreeChange> m_files;        ///< By absolute path, no links on the way.
    std::map<QByteArray, QByteArray> m_movedFrom; ///< By name the one it had before the first patch.
    QByteArray m_diff;
    qint64 m_mayRead = 512 << 20; ///< All of it stays in memory; files beyond it are left out.
};

} // namespace nightshift::tools
