#include "writerlock.h"
#include "base/jsonreader.h"
#include "base/rawjson.h"
#include "store/coordination.h"
#include "store/folders.h"
#include <QFile>
#include <QSysInfo>
#include <csignal>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

static FileDescriptor lockFile(const QByteArray &path)
{
    return FileDescriptor(::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

struct Holder
{
    pid_t pid = 0; ///< 0 when it does not say; the reference's do not.
    QString host;
};

static Holder holderOf(const FileDescriptor &file)
{
    char text[256];
    const ssize_t length = ::pread(file.get(), text, sizeof text, 0);
    const auto read = JsonDocument::parse(QByteArrayView(text, qMax<ssize_t>(length, 0)));
    return read ? Holder{pid_t(read->root()["pid"].toInteger()), read->root()["host"].toString()} : Holder();
}

static QString named(const Holder &holder)
{
    return holder.pid == 0 ? QString() : u" (process %1 on %2)"_s.arg(holder.pid).arg(holder.host);
}

/// Whether it is free now. Of a holder that was killed, children may be left that have not become their programs yet,
/// and share all it had open till then: those are waited for.
static bool lock(const FileDescriptor &file, int kind)
{
    constexpr int patience = 1000; // times 10 ms: how long the system may take to run a child at all
    for (int tries = 0; tries < patience; ++tries) {
        if (::flock(file.get(), kind | LOCK_NB) == 0)
            return true;
        const Holder holder = holderOf(file);
        const bool isGone = holder.pid > 0 && holder.host == QSysInfo::machineHostName() &&
                            ::kill(holder.pid, 0) != 0 && errno == ESRCH;
        if (!isGone)
            return false;
        ::usleep(10'000);
    }
    return false;
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
    if (!lock(file, LOCK_EX))
        return fail(Error::Kind::Denied,
                    u"session %1 already has an active writer%2"_s.arg(sessionId, named(holderOf(file))));
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
    const FileDescriptor file(::open(QFile::encodeName(path), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    return file && !lock(file, LOCK_SH);
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
