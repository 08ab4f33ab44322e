#pragma once
#include "store/compression.h"
#include "store/sessionmeta.h"
#include "store/writerlock.h"

namespace nightshift::store {

/// The log of one session, open for appending: the one durable record. Readers need no permission; of
/// writers there is one, kept by a lock.
class Rollout
{
public:
    /// Whether each line says the hash of the one before it, so that none is changed, added or taken out unseen.
    enum class Chain { No, Yes };
    /// A new log in STATE/sessions/YYYY/MM/DD with its first line written.
    static Result<Rollout> create(const QString &stateDir, SessionMeta meta, Chain chain = Chain::No);
    /// The log goes on where it stands, as a chain if it is one: a torn last line is cut off, a compressed log is
    /// decompressed in place.
    /// `path` lies in STATE's sessions/ or archived_sessions/.
    static Result<Rollout> reopen(const QString &stateDir, const QString &path, const Decompress &decompress = {});

    /// Writes one whole line; returns its ordinal. After an error the log holds what it held before.
    Result<qint64> append(const char *type, const RawJson &payload);
    /// Waits until everything appended is on the disk. May be called from another thread.
    Result<> sync() const;

    const QString &path() const { return m_path; }
    qint64 nextOrdinal() const { return m_nextOrdinal; }

private:
    Rollout(QString path, FileDescriptor file, WriterLock lock);
    Result<> findEnd();

    QString m_path;
    FileDescriptor m_file;
    WriterLock m_lock;
    qint64 m_size = 0; ///< Bytes of whole lines.
    qint64 m_nextOrdinal = 0;
    std::optional<QByteArray> m_previous; ///< Of a chain: what the next line says of the last one.
};

/// Now, as log lines say it: "2026-11-21T01:52:48.987Z".
QByteArray timestampNow();

} // namespace nightshift::store
