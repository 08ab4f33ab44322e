#include "journal.h"
#include "base/boundedfile.h"
#include "base/ids.h"
#include "store/folders.h"
#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QSaveFile>
#include <QSysInfo>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

/// As a part of a file's name.
QString plainHost()
{
    QString host = QSysInfo::machineHostName();
    host.replace(u'/', u'_');
    return host.isEmpty() ? u"host"_s : host;
}

/// Whole or not at all.
Result<> write(const QString &path, const QByteArray &bytes)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return fail(Error::Kind::Internal, u"cannot write %1: %2"_s.arg(path, file.errorString()));
    return {};
}

} // namespace

Journal::Journal(QString folder)
    : m_folder(std::move(folder))
    , m_host(plainHost())
{}

Result<Journal> Journal::open(const QString &out)
{
    Journal journal(out + "/.nightshift"_L1);
    if (const auto read = journal.refresh(); !read)
        return std::unexpected(read.error());
    return journal;
}

Result<> Journal::refresh()
{
    JournalUnion known;
    for (const QFileInfo &info : QDir(m_folder).entryInfoList({u"journal-*.jsonl"_s}, QDir::Files, QDir::Name)) {
        const auto text = readBounded(info.filePath(), fileuse::journal);
        if (!text)
            return failAt(u"cannot read "_s + info.filePath(), text.error());
        known.read(*text);
    }
    m_known = std::move(known);
    if (m_known.first() && m_batchId.isEmpty()) {
        m_batchId = m_known.first()->batch;
        m_baseCommit = m_known.first()->baseCommit;
    }
    // The newest that was moved on purpose is kept in a file of its own, since the first line of all counts.
    if (const auto moved = readBounded(m_folder + "/base-commit"_L1, fileuse::record))
        m_baseCommit = QString::fromUtf8(*moved).trimmed();
    return {};
}

void Journal::setBaseCommit(const QString &commit, Rebase rebase)
{
    m_isRebased = rebase == Rebase::Yes && !m_baseCommit.isEmpty() && m_baseCommit != commit;
    if (m_isRebased || m_baseCommit.isEmpty())
        m_baseCommit = commit;
}

Result<> Journal::begin(JournalOpen open, const QString &state)
{
    if (const auto made = store::makePrivateFolder(m_folder + "/diffs"_L1); !made)
        return made;
    if (m_batchId.isEmpty())
        m_batchId = open.batch.isEmpty() ? newId() : open.batch;
    open.batch = m_batchId;
    open.baseCommit = m_baseCommit;
    if (m_isRebased) {
        if (const auto moved = write(m_folder + "/base-commit"_L1, m_baseCommit.toUtf8()); !moved)
            return moved;
    }
    m_file = std::make_unique<QFile>(m_folder + u"/journal-%1-%2.jsonl"_s.arg(m_host).arg(getpid()));
    auto opened = openToAppend(m_file->fileName());
    if (!opened)
        return failAt(u"cannot write "_s + m_file->fileName(), opened.error());
    if (!m_file->open(opened->release(), QIODevice::ReadWrite, QFile::AutoCloseHandle))
        return fail(Error::Kind::Denied, u"cannot write %1: %2"_s.arg(m_file->fileName(), m_file->errorString()));
    // A number of ours may be that of an earlier process whose last line was torn.
    const QByteArray earlier = m_file->readAll();
    m_file->resize(earlier.lastIndexOf('\n') + 1);
    m_file->seek(m_file->size());
    if (const auto written = append(open); !written)
        return written;
    const QString pointers = state + "/batches"_L1;
    if (const auto made = store::makePrivateFolder(pointers); !made)
        return made;
    return write(pointers + u'/' + m_batchId, QFileInfo(m_folder).dir().absolutePath().toUtf8() + '\n');
}

Result<> Journal::append(const JournalLine &line)
{
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    const QByteArray text = json::onOneLine(toJson(line, now, m_host)).text + '\n';
    if (m_file->write(text) != text.size() || !m_file->flush())
        return fail(Error::Kind::DiskFull, u"cannot write %1: %2"_s.arg(m_file->fileName(), m_file->errorString()));
    m_known.take(line, now);
    return {};
}

Result<> Journal::start(const JournalStart &start)
{
    return append(start);
}

Result<> Journal::done(const JournalDone &done)
{
    if (!done.result.diff.isEmpty()) {
        if (const auto kept = write(diffPath(m_folder, done.result.key, done.fingerprint), done.result.diff); !kept)
            return kept;
    }
    if (const auto written = append(done); !written)
        return written;
    if (::fdatasync(m_file->handle()) != 0)
        return store::systemError(u"sync"_s, m_file->fileName());
    return {};
}

Result<> Journal::close(const QString &reason)
{
    return append(JournalClose{reason});
}

QString Journal::diffPath(const QString &folder, const QString &key, const QByteArray &fingerprint)
{
    const QByteArray name = QCryptographicHash::hash(key.toUtf8() + '\0' + fingerprint, QCryptographicHash::Sha256);
    return folder + "/diffs/"_L1 + QString::fromLatin1(name.toHex().first(32)) + ".patch"_L1;
}

ItemResult Journal::result(const KnownItem &known) const
{
    ItemResult result = known.done->result;
    result.from = ItemResult::From::Journal;
    result.diff = diffOf(m_folder.chopped(12), known);
    return result;
}

QByteArray Journal::diffOf(const QString &out, const KnownItem &known)
{
    const QString path = diffPath(out + "/.nightshift"_L1, known.done->result.key, known.done->fingerprint);
    return readBounded(path, fileuse::patchRecord).value_or(QByteArray());
}

Result<QString> batchFolder(const QString &state, const QString &batchId)
{
    const auto folder = isUuid(batchId) ? readBounded(state + "/batches/"_L1 + batchId, fileuse::record)
                                        : Result<QByteArray>(fail(Error::Kind::NotFound, {}));
    if (!folder)
        return fail(Error::Kind::NotFound, u"there is no batch %1"_s.arg(batchId));
    return QString::fromUtf8(*folder).trimmed();
}

} // namespace nightshift::batch
