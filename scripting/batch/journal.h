#pragma once
#include "batch/journalunion.h"
#include "batch/resume.h"
#include <QFile>

namespace nightshift::batch {

/// The journals below OUT/.nightshift: one file of ours that is appended to, and the union of all.
///
/// A line is written whole; `done` is on the disk when it returns. Diffs lie beside, one file each.
class Journal
{
public:
    /// Reads what is there. Nothing is made before begin().
    static Result<Journal> open(const QString &out);
    /// Where isolated items begin: as an earlier run had it, unless it is moved or there was none. Before begin().
    enum class Rebase { No, Yes };
    void setBaseCommit(const QString &commit, Rebase rebase = Rebase::No);
    /// Starts our file, and leaves a pointer to OUT by the batch's id in STATE.
    Result<> begin(JournalOpen open, const QString &state);

    Result<> start(const JournalStart &start);
    Result<> done(const JournalDone &done);
    Result<> close(const QString &reason);

    /// Reads again what others have written; for workers that share the folder.
    Result<> refresh();

    const JournalUnion &known() const { return m_known; }
    /// The result of a finished item, with its diff, as one from the journal.
    ItemResult result(const KnownItem &known) const;
    /// The diff of a finished item of the batch in OUT.
    static QByteArray diffOf(const QString &out, const KnownItem &known);
    const QString &baseCommit() const { return m_baseCommit; }
    const QString &batchId() const { return m_batchId; }
    QString folder() const { return m_folder; }

private:
    explicit Journal(QString folder);
    Result<> append(const JournalLine &line);
    static QString diffPath(const QString &folder, const QString &key, const QByteArray &fingerprint);

    QString m_folder;
    QString m_host;
    JournalUnion m_known;
    QString m_baseCommit;
    bool m_isRebased = false;
    QString m_batchId;
    std::unique_ptr<QFile> m_file;
};

/// OUT of the batch with this id; NotFound when STATE knows none.
Result<QString> batchFolder(const QString &state, const QString &batchId);

} // namespace nightshift::batch
