#pragma once
#include "store/compression.h"
#include "store/indexfile.h"
#include "store/sessionfiles.h"

namespace nightshift::store {

/// What lists show of a session.
struct SessionRow
{
    QString id;
    QString path;       ///< Relative to STATE; of the plain file. Empty in a row that says the session is gone.
    qint64 updated = 0; ///< Milliseconds since 1970.
    QString provider;
    QString cwd; ///< Of the latest turn, as the two beside it.
    QString model;
    QString title; ///< The beginning of the first prompt.
    bool isArchived() const { return path.startsWith(QLatin1StringView("archived_sessions/")); }
    bool operator==(const SessionRow &) const = default;
};

/// The rows of all sessions in one file, STATE/nightshift_index.jsonl: an id's last row counts. A cache: rows are
/// missing where the reference was at work, and the file may be deleted at any time.
class SessionIndex
{
public:
    explicit SessionIndex(QString stateDir);

    /// Called when a turn begins and when it ends. Makes no index where there is none: who looks for sessions does,
    /// and an index of one row would hide the others.
    Result<> remember(const SessionRow &row) const;
    /// That the session is gone: it has no row until its log is there again.
    Result<> forget(const QString &id) const;
    struct Filter
    {
        std::optional<QString> provider;
        std::optional<QString> cwd;
        std::optional<bool> archived;
        size_t limit = 0; ///< How many rows at most; 0 for all.
    };
    /// The latest row of every session whose latest row fits, newest first.
    std::vector<SessionRow> rows(const Filter &filter) const;
    std::vector<SessionRow> rows() const { return rows({}); }
    /// Looks at the logs where a program that keeps no index wrote some, or where the index is missing: at those
    /// that are newer than their rows.
    Result<> refresh(const Decompress &decompress = {}) const;
    /// Forgets everything and looks at all logs.
    Result<> rebuild(const Decompress &decompress = {}) const;

private:
    Result<> lookAtLogs(const Decompress &decompress) const;
    QString path() const;
    IndexFile file() const;

    QString m_stateDir;
};

/// A log's row, made from the log itself; absent when it cannot be read.
std::optional<SessionRow> readRow(const QString &stateDir, const SessionFile &file, const Decompress &decompress = {});

} // namespace nightshift::store
