#include "sessionmoves.h"
#include "base/boundedfile.h"
#include "base/rawjson.h"
#include "store/artifacts.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include "store/mappedfile.h"
#include "store/rollout.h"
#include "store/sessionindex.h"
#include <QFile>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

namespace {

/// The path that the log is at now: plain, or compressed.
QString present(const QString &plain)
{
    return QFile::exists(plain) ? plain : compressedPath(plain);
}

Result<> flushFolderOf(const QString &path)
{
    const QString folder = path.section(u'/', 0, -2);
    const FileDescriptor fd(::open(QFile::encodeName(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0)
        return systemError(u"flush the folder"_s, folder);
    return {};
}

void moveRow(const QString &stateDir, const SessionFile &file)
{
    const SessionIndex index(stateDir);
    for (SessionRow &row : index.rows()) {
        if (row.id != file.id)
            continue;
        row.path = file.path.sliced(stateDir.size() + 1);
        std::ignore = index.remember(row); // a cache: a lost row is found again in the log
        return;
    }
}

Result<QString> moveTo(const QString &stateDir, const SessionFile &file, const QString &folder, bool archived)
{
    const Result<WriterLock> lock = WriterLock::acquire(stateDir, file.id);
    if (!lock)
        return std::unexpected(lock.error());
    if (const Result<> made = makePrivateFolder(folder); !made)
        return std::unexpected(made.error());
    const QString from = present(file.path);
    const QString to = folder + u'/' + from.section(u'/', -1);
    if (QFile::exists(to))
        return fail(Error::Kind::Denied, u"%1 is there already; nothing was moved"_s.arg(to));
    if (std::rename(QFile::encodeName(from), QFile::encodeName(to)) != 0)
        return systemError(u"move the session log to"_s, to);
    if (const Result<> flushed = flushFolderOf(to); !flushed)
        return std::unexpected(flushed.error());
    moveRow(stateDir, {file.id, plainPath(to), archived});
    return to;
}

Result<bool> areEqual(const QString &one, const QString &other)
{
    const auto first = MappedFile::open(one), second = MappedFile::open(other);
    if (!first || !second)
        return std::unexpected(first ? second.error() : first.error());
    return (*first)->text() == (*second)->text();
}

} // namespace

Result<QString> archive(const QString &stateDir, const SessionFile &file)
{
    if (file.archived)
        return fail(Error::Kind::Invalid, u"session %1 is archived already"_s.arg(file.id));
    return moveTo(stateDir, file, stateDir + u"/archived_sessions"_s, true);
}

Result<QString> unarchive(const QString &stateDir, const SessionFile &file)
{
    if (!file.archived)
        return fail(Error::Kind::Invalid, u"session %1 is not archived"_s.arg(file.id));
    // rollout-2026-11-21T01-52-48-ID.jsonl
    const QStringList date = file.path.section(u'/', -1).mid(8, 10).split(u'-');
    if (date.size() != 3)
        return fail(Error::Kind::Invalid, u"%1 has no date in its name"_s.arg(file.path));
    return moveTo(stateDir, file, stateDir + u"/sessions/"_s + date.join(u'/'), false);
}

Result<> remove(const QString &stateDir, const SessionFile &file)
{
    const Result<WriterLock> lock = WriterLock::acquire(stateDir, file.id);
    if (!lock)
        return std::unexpected(lock.error());
    for (const QString &path : {file.path, compressedPath(file.path)}) {
        if (QFile::exists(path) && ::unlink(QFile::encodeName(path)) != 0)
            return systemError(u"delete"_s, path);
    }
    Artifacts(stateDir, file.id).forget();
    return SessionIndex(stateDir).forget(file.id);
}

Result<QString> compress(const QString &stateDir, const SessionFile &file, const Decompress &pack,
                         const Decompress &unpack)
{
    const Result<WriterLock> lock = WriterLock::acquire(stateDir, file.id);
    if (!lock)
        return std::unexpected(lock.error());
    const QString packed = compressedPath(file.path);
    if (!QFile::exists(file.path))
        return packed;
    const QString partial = packed + u".partial"_s, again = file.path + u".partial"_s;
    Result<> done = pack(file.path, partial);
    if (done)
        done = unpack(partial, again);
    const Result<bool> equal = done ? areEqual(file.path, again) : Result<bool>(std::unexpected(done.error()));
    QFile::remove(again);
    if (!equal || !*equal) {
        QFile::remove(partial);
        if (!equal)
            return std::unexpected(equal.error());
        return fail(Error::Kind::Internal, u"%1 does not unpack to what it was; it stays as it is"_s.arg(file.path));
    }
    const FileDescriptor fd(::open(QFile::encodeName(partial), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (::stat(QFile::encodeName(file.path), &status) == 0) {
        const timespec times[] = {status.st_atim, status.st_mtim}; // nobody wrote to the session
        std::ignore = ::futimens(fd.get(), times);
    }
    if (!fd || ::fchmod(fd.get(), 0600) != 0 || ::fsync(fd.get()) != 0 ||
        std::rename(QFile::encodeName(partial), QFile::encodeName(packed)) != 0)
        return systemError(u"write"_s, packed);
    if (const Result<> flushed = flushFolderOf(packed); !flushed)
        return std::unexpected(flushed.error());
    if (::unlink(QFile::encodeName(file.path)) != 0) // the plain file would win over the compressed one
        return systemError(u"delete"_s, file.path);
    return packed;
}

Result<> rename(const QString &stateDir, const QString &id, const QString &name)
{
    const QString path = stateDir + u"/session_index.jsonl"_s;
    const QByteArray line =
        json::object({{"id", id}, {"thread_name", name}, {"updated_at", QString::fromLatin1(timestampNow())}}).text +
        '\n';
    const auto file = openToAppend(path);
    if (!file)
        return failAt(u"cannot append to the names of sessions in "_s + path, file.error());
    if (::write(file->get(), line.data(), size_t(line.size())) != line.size())
        return systemError(u"append to the names of sessions in"_s, path);
    return {};
}

} // namespace nightshift::store
