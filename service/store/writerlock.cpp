#include "writerlock.h"
#include "base/jsonreader.h"
#include "base/rawjson.h"
#include "store/coordination.h"
#include "store/folders.h"
#include <QFile>
#include <QSysInfo>
#include <fcntl.h>
#include <sys/file.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

static FileDescriptor lockFile(const QByteArray &path)
{
    return FileDescriptor(::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

static QString holder(const FileDescriptor &file)
{
    char text[256];
    const ssize_t length = ::pread(file.get(), text, sizeof text, 0);
    const auto read = JsonDocument::parse(QByteArrayView(text, qMax<ssize_t>(length, 0)));
    if (!read)
        return {}; // the reference's are empty
    return u" (process %1 on %2)"_s.arg(read->root()["pid"].toInteger()).arg(read->root()["host"].toString());
}

Result<WriterLock> WriterLock::acquire(const QString &stateDir, const QString &sessionId)
{
    const QString folder = stateDir + u"/thread-writer-locks"_s;
    if (const Result<> made = makePrivateFolder(folder); !made)
        return std::unexpected(made.error());
    const QString path = folder + u'/' + sessionId.toLower() + u".lock"_s;
    const Coordination guard(folder); // nobody locks a file that its former holder is about to remove
    FileDescriptor file = lockFile(QFile::encodeName(path));
    if (!file)
        return systemError(u"open the lock"_s, path);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
        return fail(Error::Kind::Denied, u"session %1 already has an active writer%2"_s.arg(sessionId, holder(file)));
    const QByteArray who =
        json::object({{"pid", qint64(::getpid())}, {"host", QSysInfo::machineHostName()}}).text + '\n';
    // Who holds it is a courtesy to the next: the lock stands without.
    const bool told = ::ftruncate(file.get(), 0) == 0 && ::pwrite(file.get(), who, size_t(who.size()), 0) > 0;
    Q_UNUSED(told)
    return WriterLock(folder, QFile::encodeName(path), std::move(file));
}

bool WriterLock::isHeld(const QString &stateDir, const QString &sessionId)
{
    const QString path = stateDir + u"/thread-writer-locks/"_s + sessionId.toLower() + u".lock"_s;
    const FileDescriptor file(::open(QFile::encodeName(path), O_RDONLY | O_CLOEXEC));
    return file && ::flock(file.get(), LOCK_SH | LOCK_NB) != 0;
}

WriterLock::WriterLock(QString folder, QByteArray path, FileDescriptor file)
    : m_folder(std::move(folder))
    , m_path(std::move(path))
    , m_file(std::move(file))
{}

WriterLock::~WriterLock()
{
    if (!m_file)
        return;
    const Coordination guard(m_folder);
    ::unlink(m_path);
}

} // namespace nightshift::store
