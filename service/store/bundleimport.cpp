#include "bundleimport.h"
#include "base/boundedfile.h"
#include "store/artifacts.h"
#include "store/bundlemanifest.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include "store/mappedfile.h"
#include "store/record.h"
#include "store/sessionindex.h"
#include "store/sessionmeta.h"
#include "store/writerlock.h"
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

namespace {

/// A folder to unpack in, below STATE/imports. Its lock says that somebody is at work in it; those without one were
/// left by somebody who was killed, and go when the next comes.
class Workplace
{
public:
    static Result<Workplace> make(const QString &stateDir)
    {
        const QString above = stateDir + u"/imports"_s;
        if (const Result<> made = makePrivateFolder(above); !made)
            return std::unexpected(made.error());
        const FileDescriptor guard = locked(above, LOCK_EX);
        sweep(above);
        QByteArray name = QFile::encodeName(above + u"/XXXXXX"_s);
        if (!::mkdtemp(name.data()))
            return systemError(u"create a folder in"_s, above);
        return Workplace(QFile::decodeName(name), locked(QFile::decodeName(name), LOCK_EX | LOCK_NB));
    }
    Workplace(Workplace &&other) noexcept = default;
    ~Workplace()
    {
        if (m_lock)
            QDir(m_folder).removeRecursively();
    }
    const QString &folder() const { return m_folder; }

private:
    Workplace(QString folder, FileDescriptor lock)
        : m_folder(std::move(folder))
        , m_lock(std::move(lock))
    {}

    static FileDescriptor locked(const QString &folder, int how)
    {
        FileDescriptor fd(::open(QFile::encodeName(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return fd && ::flock(fd.get(), how) == 0 ? std::move(fd) : FileDescriptor();
    }
    static void sweep(const QString &above)
    {
        for (const QFileInfo &left : QDir(above).entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            if (locked(left.filePath(), LOCK_EX | LOCK_NB))
                QDir(left.filePath()).removeRecursively();
        }
    }

    QString m_folder;
    FileDescriptor m_lock;
};

Result<> flushed(const QString &path)
{
    const FileDescriptor file(::open(QFile::encodeName(path), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!file || ::fsync(file.get()) != 0)
        return systemError(u"flush"_s, path);
    return {};
}

Result<> moved(const QString &from, const QString &to)
{
    if (::renameat2(AT_FDCWD, QFile::encodeName(from), AT_FDCWD, QFile::encodeName(to), RENAME_NOREPLACE) != 0)
        return systemError(u"move what was unpacked to"_s, to);
    return {};
}

/// Every file that the manifest names is there as it says, and no other.
Result<BundleManifest> checkedManifest(const QString &folder, const std::vector<UnpackedFile> &files)
{
    const auto text = readBounded(folder + u'/' + QLatin1StringView(manifestName), fileuse::settings);
    if (!text)
        return fail(Error::Kind::Invalid, u"it has no bundle/manifest.json"_s);
    Result<BundleManifest> manifest = readManifest(*text);
    if (!manifest)
        return manifest;
    for (const UnpackedFile &found : files) {
        const UnpackedFile *told = manifest->file(found.name);
        if (!told && found.name != QLatin1StringView(manifestName))
            return fail(Error::Kind::Invalid, u"bundle/%1 is not in its manifest"_s.arg(found.name));
        if (told && *told != found)
            return fail(Error::Kind::Invalid, u"bundle/%1 is not what its manifest says"_s.arg(found.name));
    }
    if (manifest->files.size() + 1 != files.size() || !manifest->file(QLatin1StringView(logName)))
        return fail(Error::Kind::Invalid, u"a file that its manifest names is missing"_s);
    return manifest;
}

Result<> checkLog(const QString &path, const QString &id)
{
    const auto log = MappedFile::open(path);
    const QByteArrayView text = log ? (*log)->text() : QByteArrayView();
    const std::optional<Record> head = wholeRecord(text.first(qMax<qsizetype>(text.indexOf('\n'), 0)));
    const auto payload = JsonDocument::parse(head ? head->payload : QByteArrayView());
    if (!payload || head->type != "session_meta" || !text.endsWith('\n'))
        return fail(Error::Kind::Invalid, u"bundle/rollout.jsonl is no session log"_s);
    const SessionMeta meta = metaFromPayload(payload->root());
    if (meta.id.toLower() != id)
        return fail(Error::Kind::Invalid, u"bundle/rollout.jsonl is the log of another session"_s);
    if (meta.base)
        return fail(Error::Kind::Invalid,
                    u"bundle/rollout.jsonl only points to the log of session %1"_s.arg(meta.base->sessionId));
    return {};
}

/// The session of that id which is here already; Denied when it is not the bundle's.
Result<Imported> known(const SessionFile &here, const BundleManifest &manifest, const Decompress &decompress)
{
    const auto log = MappedFile::open(here.path, decompress);
    if (!log)
        return std::unexpected(log.error());
    const UnpackedFile &told = *manifest.file(QLatin1StringView(logName));
    // What was added to it here since does not make it another.
    const QByteArrayView begin = (*log)->text().first(qMin((*log)->text().size(), told.size));
    if (QCryptographicHash::hash(begin, QCryptographicHash::Sha256).toHex() != told.sha256)
        return fail(Error::Kind::Denied,
                    u"there is another session %1 here already; nothing was imported"_s.arg(manifest.sessionId));
    return Imported{manifest.sessionId, here.path, manifest.cwd, true};
}

/// First what is beside the log, so that a session never lacks it, then, in one step, the log.
Result<Imported> place(const QString &stateDir, const QString &folder, const BundleManifest &manifest)
{
    const QString log = folder + u'/' + QLatin1StringView(logName);
    const timespec times[] = {{manifest.updated, 0}, {manifest.updated, 0}};
    std::ignore = ::utimensat(AT_FDCWD, QFile::encodeName(log), times, 0);
    const Artifacts artifacts(stateDir, manifest.sessionId);
    artifacts.forget(); // of an import that was killed here
    // rollout-2026-11-21T01-52-48-ID.jsonl
    const QString day = stateDir + u"/sessions/"_s + manifest.log.sliced(8, 10).replace(u'-', u'/');
    const QString path = day + u'/' + manifest.log;
    Result<> done = flushed(log)
                        .and_then([&] { return makePrivateFolder(stateDir + u"/artifacts"_s); })
                        .and_then([&] { return makePrivateFolder(day); })
                        .and_then([&] { return moved(folder, artifacts.folder()); })
                        .and_then([&] { return moved(artifacts.folder() + u'/' + QLatin1StringView(logName), path); })
                        .and_then([&] { return flushed(day); });
    if (!done)
        return std::unexpected(done.error());
    if (std::optional<SessionRow> row = readRow(stateDir, {manifest.sessionId, path})) {
        row->updated = manifest.updated * 1000;
        std::ignore = SessionIndex(stateDir).remember(*row); // a cache
    }
    return Imported{manifest.sessionId, path, manifest.cwd};
}

} // namespace

Result<Imported> importBundle(const QString &stateDir, const QString &archive, const Archiver &archiver,
                              const Decompress &decompress)
{
    const Result<Workplace> workplace = Workplace::make(stateDir);
    if (!workplace)
        return std::unexpected(workplace.error());
    const QString folder = workplace->folder() + u"/bundle"_s;
    if (const Result<> made = makePrivateFolder(folder); !made)
        return std::unexpected(made.error());
    const auto files = archiver.unpack(archive, folder);
    if (!files)
        return std::unexpected(files.error());
    const auto manifest = checkedManifest(folder, *files);
    if (!manifest)
        return std::unexpected(manifest.error());
    if (const Result<> isLog = checkLog(folder + u'/' + QLatin1StringView(logName), manifest->sessionId); !isLog)
        return std::unexpected(isLog.error());
    if (const std::optional<SessionFile> here = sessionFile(stateDir, manifest->sessionId))
        return known(*here, *manifest, decompress); // somebody may be writing it: no lock
    const Result<WriterLock> lock = WriterLock::acquire(stateDir, manifest->sessionId);
    if (!lock)
        return std::unexpected(lock.error());
    if (const std::optional<SessionFile> here = sessionFile(stateDir, manifest->sessionId))
        return known(*here, *manifest, decompress);
    return place(stateDir, folder, *manifest);
}

} // namespace nightshift::store
