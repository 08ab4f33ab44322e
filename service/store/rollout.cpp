#include "rollout.h"
#include "store/folders.h"
#include "store/linewalk.h"
#include "store/log.h"
#include "store/mappedfile.h"
#include "store/record.h"
#include <QCryptographicHash>
#include <QFile>
#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <sys/uio.h>
#include <utility>

using namespace Qt::StringLiterals;

namespace nightshift::store {

QByteArray timestampNow()
{
    // A line of the log is written for every event, and most have their second in common with the one before.
    thread_local std::time_t second = -1;
    thread_local char text[] = "1970-01-01T00:00:00.000Z";
    constexpr size_t fraction = sizeof text - sizeof "000Z";
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    if (std::exchange(second, now.tv_sec) != now.tv_sec) {
        tm utc{};
        ::gmtime_r(&now.tv_sec, &utc);
        std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
    }
    const long milliseconds = now.tv_nsec / 1'000'000;
    text[fraction] = char('0' + milliseconds / 100);
    text[fraction + 1] = char('0' + milliseconds / 10 % 10);
    text[fraction + 2] = char('0' + milliseconds % 10);
    return QByteArray(text, sizeof text - 1);
}

static QString localTime(const char *format)
{
    const std::time_t now = std::time(nullptr);
    tm local{};
    ::localtime_r(&now, &local);
    char text[40];
    std::strftime(text, sizeof text, format, &local);
    return QString::fromLatin1(text);
}

/// Writes the parts as one. False and errno when not everything was written.
static bool writeAll(int fd, std::array<QByteArrayView, 3> parts)
{
    for (;;) {
        std::array<iovec, 3> rest{};
        std::ranges::transform(parts, rest.begin(), [](QByteArrayView part) {
            return iovec{const_cast<char *>(part.data()), size_t(part.size())};
        });
        ssize_t written = ::writev(fd, rest.data(), int(rest.size()));
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        for (QByteArrayView &part : parts) {
            const qsizetype done = qMin(part.size(), qsizetype(written));
            part = part.sliced(done);
            written -= done;
        }
        if (std::ranges::all_of(parts, &QByteArrayView::isEmpty))
            return true;
    }
}

/// What a line of a chain says of the one before it, whose parts these are; the first one says it of nothing.
static QByteArray hashOf(std::initializer_list<QByteArrayView> parts)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const QByteArrayView part : parts)
        hash.addData(part);
    return "sha256:" + hash.result().toHex();
}

Rollout::Rollout(QString path, FileDescriptor file, WriterLock lock)
    : m_path(std::move(path))
    , m_file(std::move(file))
    , m_lock(std::move(lock))
{}

Result<Rollout> Rollout::create(const QString &stateDir, SessionMeta meta, Chain chain)
{
    Result<WriterLock> lock = WriterLock::acquire(stateDir, meta.id);
    if (!lock)
        return std::unexpected(lock.error());
    const QString folder = stateDir + localTime("/sessions/%Y/%m/%d");
    if (const Result<> made = makePrivateFolder(folder); !made)
        return std::unexpected(made.error());
    const QString path = folder + localTime("/rollout-%Y-%m-%dT%H-%M-%S-") + meta.id + u".jsonl"_s;
    FileDescriptor file(::open(QFile::encodeName(path), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
    if (!file)
        return systemError(u"create the session log"_s, path);
    qCDebug(storeLog, "recording to %s", qUtf8Printable(path));
    Rollout rollout(path, std::move(file), std::move(*lock));
    if (chain == Chain::Yes)
        rollout.m_previous = hashOf({});
    if (meta.timestamp.isEmpty())
        meta.timestamp = QString::fromLatin1(timestampNow());
    if (const Result<qint64> first = rollout.append("session_meta", toPayload(meta)); !first) {
        ::unlink(QFile::encodeName(path));
        return std::unexpected(first.error());
    }
    return rollout;
}

static QString sessionIdOf(const QString &path)
{
    return plainPath(path).chopped(6).right(36);
}

Result<Rollout> Rollout::reopen(const QString &stateDir, const QString &path, const Decompress &decompress)
{
    Result<WriterLock> lock = WriterLock::acquire(stateDir, sessionIdOf(path));
    if (!lock)
        return std::unexpected(lock.error());
    const QString plain = plainPath(path);
    if (!QFile::exists(plain) && QFile::exists(compressedPath(plain))) {
        if (const Result<> done = decompressInPlace(plain, decompress); !done)
            return std::unexpected(done.error());
    }
    FileDescriptor file(::open(QFile::encodeName(plain), O_RDWR | O_APPEND | O_CLOEXEC));
    if (!file)
        return systemError(u"open the session log"_s, plain);
    Rollout rollout(plain, std::move(file), std::move(*lock));
    if (const Result<> found = rollout.findEnd(); !found)
        return std::unexpected(found.error());
    return rollout;
}

/// The ordinal behind the last numbered line. A log of an older release has no numbers: its lines count.
static qint64 ordinalAfter(QByteArrayView text)
{
    BackwardLines lines(text);
    qint64 count = 0;
    while (const std::optional<QByteArrayView> line = lines.next()) {
        ++count;
        if (const std::optional<Record> record = recordHead(*line); record && record->ordinal >= 0)
            return record->ordinal + count;
    }
    return count;
}

Result<> Rollout::findEnd()
{
    const Result<std::shared_ptr<MappedFile>> mapped = MappedFile::open(m_path);
    if (!mapped)
        return std::unexpected(mapped.error());
    const QByteArrayView text = (*mapped)->text();
    const QByteArrayView first = text.first(qMax<qsizetype>(text.indexOf('\n'), 0));
    const std::optional<Record> head = wholeRecord(first);
    if (!head || head->type != "session_meta")
        return fail(Error::Kind::Invalid,
                    u"%1:1: expected the session_meta line that begins a session log"_s.arg(m_path));
    const auto meta = JsonDocument::parse(head->payload);
    const int format = meta ? metaFromPayload(meta->root()).format : 0;
    if (format > logFormat)
        return fail(Error::Kind::Denied,
                    u"%1 was written by a newer nightshift (log format %2, this one knows %3); it can be "
                    "read, not continued"_s.arg(m_path)
                        .arg(format)
                        .arg(logFormat));
    const QByteArrayView tail = text.sliced(text.lastIndexOf('\n') + 1);
    m_size = text.size() - tail.size();
    m_nextOrdinal = ordinalAfter(text.first(m_size));
    if (!head->previous.isEmpty())
        m_previous = hashOf({BackwardLines(text.first(m_size)).next().value_or(first)});
    if (tail.isEmpty())
        return {};
    if (::ftruncate(m_file.get(), m_size) != 0)
        return systemError(u"cut the torn last line off"_s, m_path);
    return {};
}

Result<qint64> Rollout::append(const char *type, const RawJson &payload)
{
    QByteArray head =
        json::object({{"timestamp", timestampNow()}, {"ordinal", m_nextOrdinal}, {"type", type}, {"prev", m_previous}})
            .text.chopped(1);
    head += ",\"payload\":";
    const QByteArray body = json::onOneLine(payload).text; // never copied: it can have megabytes
    const QByteArrayView end = "}\n";
    if (!writeAll(m_file.get(), {head, body, end})) {
        const int reason = errno;
        // Half a line would make the next one unreadable, too.
        if (::ftruncate(m_file.get(), m_size) != 0)
            qWarning("cannot cut a torn line off %s", qPrintable(m_path));
        errno = reason;
        return systemError(u"append to the session log"_s, m_path);
    }
    m_size += head.size() + body.size() + end.size();
    if (m_previous)
        m_previous = hashOf({head, body, end.first(1)});
    return m_nextOrdinal++;
}

Result<> Rollout::sync() const
{
    if (::fdatasync(m_file.get()) != 0)
        return systemError(u"flush the session log"_s, m_path);
    return {};
}

} // namespace nightshift::store
