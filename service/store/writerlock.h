#pragma once
#include "base/result.h"
#include "store/filedescriptor.h"

namespace nightshift::store {

/// The right to append to one session, in the reference's own protocol, so that each program keeps out of
/// the other's sessions: an exclusive flock(2) on STATE/thread-writer-locks/ID.lock, taken and removed only
/// under one on .coordination.lock beside it. The kernel drops a dead holder's lock. Ours say who holds them.
class WriterLock
{
public:
    /// Fails with Denied when somebody else writes the session.
    static Result<WriterLock> acquire(const QString &stateDir, const QString &sessionId);
    /// Whether somebody writes the session just now.
    static bool isHeld(const QString &stateDir, const QString &sessionId);
    WriterLock(WriterLock &&) = default;
    WriterLock &operator=(WriterLock &&) = default;
    ~WriterLock();

private:
    WriterLock(QString folder, QByteArray path, FileDescriptor file);

    QString m_folder;
    QByteArray m_path;
    FileDescriptor m_file;
};

} // namespace nightshift::store
