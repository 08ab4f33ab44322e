#include "claims.h"
#include "store/folders.h"
#include <QCryptographicHash>
#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QSysInfo>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

QByteArray ourName()
{
    return QSysInfo::machineHostName().toUtf8() + ' ' + QByteArray::number(getpid()) + '\n';
}

/// A file of ours, only if there was none.
bool make(const QByteArray &path)
{
    const int fd = ::open(path.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    const QByteArray name = ourName();
    std::ignore = ::write(fd, name.constData(), size_t(name.size()));
    ::close(fd);
    return true;
}

} // namespace

Claims::Claims(QString folder, Times times, QObject *parent)
    : QObject(parent)
    , m_folder(std::move(folder))
    , m_times(times)
{
    connect(&m_timer, &QTimer::timeout, this, &Claims::renew);
    m_timer.start(m_times.renew);
}

QString Claims::pathOf(const QString &key) const
{
    const QByteArray hash = QCryptographicHash::hash(key.toUtf8(), QCryptographicHash::Sha256);
    return m_folder + u'/' + QString::fromLatin1(hash.toHex().first(32));
}

Result<bool> Claims::take(const QString &key)
{
    if (const auto made = store::makePrivateFolder(m_folder); !made)
        return std::unexpected(made.error());
    const QString path = pathOf(key);
    if (m_held.contains(path))
        return true;
    const QByteArray file = QFile::encodeName(path);
    if (make(file)) {
        m_held += path;
        return true;
    }
    if (errno != EEXIST)
        return std::unexpected(store::systemError(u"create"_s, path).error());
    const QDateTime touched = QFileInfo(path).lastModified();
    if (!touched.isValid() || touched.msecsTo(QDateTime::currentDateTime()) < m_times.stale.count())
        return false;
    // Of several that see the dead one's file only one moves it away.
    const QByteArray away = file + ".dead-" + ourName().trimmed().replace(' ', '-').replace('/', '_');
    if (::rename(file.constData(), away.constData()) != 0)
        return false;
    ::unlink(away.constData());
    const bool isOurs = make(file);
    if (isOurs)
        m_held += path;
    return isOurs;
}

void Claims::settle(const QString &key)
{
    const QString path = pathOf(key);
    m_held.remove(path);
    // It is never stale again: far in the future, as far as any clock is concerned.
    timespec times[2]{};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = 4'102'444'800; // 2100
    ::utimensat(AT_FDCWD, QFile::encodeName(path).constData(), times, 0);
}

void Claims::release(const QString &key)
{
    const QString path = pathOf(key);
    m_held.remove(path);
    QFile::remove(path);
}

void Claims::renew()
{
    for (const QString &path : std::as_const(m_held))
        ::utimensat(AT_FDCWD, QFile::encodeName(path).constData(), nullptr, 0);
}

} // namespace nightshift::batch
