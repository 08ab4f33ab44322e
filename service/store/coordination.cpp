#include "coordination.h"
#include <QFile>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace nightshift::store {

Coordination::Coordination(const QString &folder)
    : m_folder(QFile::encodeName(folder))
    , m_file(::open(m_folder + "/.coordination.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600))
{
    if (!m_file)
        return;
    ::flock(m_file.get(), LOCK_EX);
    m_folderTime = readFolderTime();
    char noted[32];
    const ssize_t length = ::pread(m_file.get(), noted, sizeof noted, 0);
    m_accountedFor = QByteArrayView(noted, qMax<ssize_t>(length, 0)).trimmed().toLongLong() == m_folderTime;
}

Coordination::~Coordination()
{
    const qint64 now = m_file && m_accountedFor ? readFolderTime() : 0;
    if (!now)
        return;
    // A number of as many digits for the next 260 years; what cannot be noted costs a look at the logs.
    const QByteArray note = QByteArray::number(now) + '\n';
    const bool noted = ::pwrite(m_file.get(), note, size_t(note.size()), 0) == note.size();
    Q_UNUSED(noted)
}

qint64 Coordination::readFolderTime() const
{
    struct stat status{};
    if (::stat(m_folder, &status) != 0)
        return 0;
    return qint64(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
}

} // namespace nightshift::store
