#include "claims.h"
#include "store/folders.h"
#include <QCryptographicHash>
#include <QDateTime>
#include <QFile>
#include <QSysInfo>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

/// A claim that was touched then is never stale again: far in the future, as far as any clock is concerned.
constexpr qint64 settledSecond = 4'102'444'800; // 2100

QByteArray ourName()
{
    return QSysInfo::machineHostName().toUtf8() + ' ' + QByteArray::number(getpid()) + '\n';
}

/// When a file was last touched, milliseconds since 1970; nothing when there is none.
std::optional<qint64> touchedAt(const QByteArray &path)
{
    struct stat found{};
    if (::stat(path.constData(), &found) != 0)
        return {};
    return qint64(found.st_mtim.tv_sec) * 1000 + found.st_mtim.tv_nsec / 1'000'000;
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
    const auto isStale = [&](const QByteArray &each) {
        const auto touched = touchedAt(each);
        return touched && QDateTime::currentMSecsSinceEpoch() - *touched >= m_times.stale.count();
    };
    if (!isStale(file))
        return false;
    // Of several that see the dead one's file only one moves it away; what a slower one moves is the quicker one's new
    // file, and is put back.
    const QByteArray away = file + ".dead-" + ourName().trimmed().replace(' ', '-').replace('/', '_');
    if (::rename(file.constData(), away.constData()) != 0)
        return false;
    const bool wasDead = isStale(away);
    if (!wasDead)
        std::ignore = ::link(away.constData(), file.constData());
    ::unlink(away.constData());
    const bool isOurs = wasDead && make(file);
    if (isOurs)
        m_held += path;
    return isOurs;
}

std::optional<qint64> Claims::othersSign(const QString &key) const
{
    const QString path = pathOf(key);
    const auto touched = m_held.contains(path) ? std::nullopt : touchedAt(QFile::encodeName(path));
    return touched && *touched < settledSecond * 1000 ? touched : std::nullopt;
}

void Claims::settle(const QString &key)
{
    const QString path = pathOf(key);
    m_held.remove(path);
    timespec times[2]{};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = settledSecond;
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
