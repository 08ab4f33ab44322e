#pragma once
#include "store/filedescriptor.h"
#include <QString>

namespace nightshift::store {

/// Holds STATE/thread-writer-locks/.coordination.lock, as both programs do while they make or remove a lock of a
/// session; for moments only.
///
/// It also tells whether the reference was at work. Every run of either program changes the folder when it comes
/// and goes; each of ours notes the folder's time before it leaves. A time that nobody noted is the reference's,
/// and stays so until a whole look at the logs accounts for it.
class Coordination
{
public:
    /// `folder` exists.
    explicit Coordination(const QString &folder);
    ~Coordination();
    Coordination(const Coordination &) = delete;
    Coordination &operator=(const Coordination &) = delete;

    /// Whether all that happened up to now was ours, or has been looked at.
    bool isAccountedFor() const { return m_accountedFor; }
    /// The folder's time when this began, for accountForAll().
    qint64 folderTime() const { return m_folderTime; }
    /// Everything up to `folderTime` has been looked at.
    void accountFor(qint64 folderTime) { m_accountedFor = m_accountedFor || folderTime == m_folderTime; }

private:
    qint64 readFolderTime() const;

    QByteArray m_folder;
    FileDescriptor m_file;
    qint64 m_folderTime = 0; ///< Nanoseconds since 1970.
    bool m_accountedFor = false;
};

} // namespace nightshift::store
