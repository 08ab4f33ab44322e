#pragma once
#include "batch/batchspec.h"
#include <QDateTime>

namespace nightshift::api {

/// Where the service keeps its batches: a folder for each, the log of what was told of it, and a mark as long as a
/// process of the service works on it. Those of the command line are found, too.
class BatchFiles
{
public:
    /// The service's own folder, and that of sessions, where every batch of this user has a pointer.
    BatchFiles(const QString &serviceFolder, const QString &stateFolder);

    /// Ids, newest first.
    QStringList ids() const;
    /// A batch's folder; nothing when there is no such batch.
    std::optional<QString> folderOf(const QString &id) const;
    QString log(const QString &id) const { return file(id + QStringLiteral(".jsonl")); }
    /// Those whose own logs were written since.
    QStringList changedSince(const QDateTime &time) const;
    /// Writes a new batch down; gives its folder.
    Result<QString> keep(const QString &id, const batch::BatchSpec &spec) const;

    /// For the next server, should this one be killed: where the batch lies, and the process that may still be ending.
    struct Mark
    {
        QString id;
        QString out;
        qint64 pid = 0; ///< 0 before it has one.
    };
    Result<> mark(const Mark &mark) const;
    bool isMarked(const QString &id) const;
    void unmark(const QString &id) const;
    std::vector<Mark> marks() const;

private:
    QString file(const QString &name) const { return m_folder + u'/' + name; }
    QString marker(const QString &id) const { return file(QStringLiteral("running-") + id); }

    const QString m_folder;
    const QString m_pointers;
};

} // namespace nightshift::api
