#include "zipreader.h"
#include <KCompressionDevice>
#include <QFile>
#include <QtEndian>
#include <algorithm>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::archive {

constexpr qint64 pieceBytes = 256 * 1024;
constexpr qint64 endBytes = 22; // of the record at the end, without its comment
constexpr qint64 directoryEntryBytes = 46;
constexpr qint64 localHeaderBytes = 30;
constexpr qint64 directoryLimit = 16 << 20; // 10,000 entries with long names need less

namespace {

quint16 short16(QByteArrayView bytes, qsizetype at)
{
    return qFromLittleEndian<quint16>(bytes.data() + at);
}

quint32 long32(QByteArrayView bytes, qsizetype at)
{
    return qFromLittleEndian<quint32>(bytes.data() + at);
}

/// A stretch of a file, to be read once from its beginning to its end.
class Stretch : public QIODevice
{
public:
    Stretch(QFile &file, qint64 bytes)
        : m_file(file)
        , m_left(bytes)
    {
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    }
    bool isSequential() const override { return true; }

protected:
    qint64 readData(char *data, qint64 atMost) override
    {
        if (m_left == 0)
            return -1;
        const qint64 length = m_file.read(data, std::min(atMost, m_left));
        m_left -= std::max<qint64>(length, 0);
        return length;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    QFile &m_file;
    qint64 m_left;
};

/// Unix keeps an entry's kind in the upper half of its attributes; others leave that empty.
QString wrongKind(quint32 attributes)
{
    switch ((attributes >> 16) & S_IFMT) {
    case 0:
    case S_IFREG:
    case S_IFDIR:
        return {};
    case S_IFLNK:
        return u"a symbolic link"_s;
    case S_IFCHR:
    case S_IFBLK:
        return u"a device"_s;
    default:
        return u"of an unknown kind"_s;
    }
}

} // namespace

ZipReader::ZipReader(std::unique_ptr<QFile> file)
    : m_file(std::move(file))
{}

ZipReader::~ZipReader() = default;

Result<> ZipReader::readDirectory()
{
    const qint64 size = m_file->size();
    const qint64 tailBytes = std::min<qint64>(size, endBytes + 0xffff);
    m_file->seek(size - tailBytes);
    const QByteArray tail = m_file->read(tailBytes);
    const qsizetype end = tail.lastIndexOf("PK\5\6");
    if (end < 0 || tail.size() - end < endBytes)
        return damaged(u"it has no directory at its end"_s);
    const QByteArrayView record = QByteArrayView(tail).sliced(end);
    const qint64 length = long32(record, 12), offset = long32(record, 16);
    if (offset + length > size || length > directoryLimit)
        return damaged(u"its directory is not where its end says"_s);
    m_file->seek(offset);
    const QByteArray bytes = m_file->read(length);
    QByteArrayView directory = bytes;
    for (int i = 0; i < short16(record, 10); ++i) {
        const Result<Entry> entry = takeEntry(directory);
        if (!entry)
            return std::unexpected(entry.error());
        m_entries.push_back(*entry);
    }
    if (!directory.isEmpty())
        return damaged(u"its directory has more entries than its end says"_s);
    return {};
}

Result<ZipReader::Entry> ZipReader::takeEntry(QByteArrayView &directory) const
{
    if (directory.size() < directoryEntryBytes || !directory.startsWith("PK\1\2"))
        return damaged(u"its directory is cut short"_s);
    const qint64 name = short16(directory, 28), more = short16(directory, 30) + short16(directory, 32);
    if (directory.size() < directoryEntryBytes + name + more)
        return damaged(u"its directory is cut short"_s);
    Entry entry{
        .shown = {.name = directory.sliced(directoryEntryBytes, name).toByteArray(), .size = long32(directory, 24)},
        .packedSize = long32(directory, 20),
        .header = long32(directory, 42)};
    const quint16 flags = short16(directory, 8), method = short16(directory, 10);
    const QString wrong = wrongKind(long32(directory, 38));
    if (!wrong.isEmpty())
        return refusedKind(entry.shown.name, wrong);
    if (flags & 1 || (method != 0 && method != 8))
        return refusedKind(entry.shown.name, u"encrypted, or packed in an unknown way"_s);
    entry.deflated = method == 8;
    entry.shown.isFolder = entry.shown.name.endsWith('/');
    if (entry.shown.isFolder)
        entry.shown.name.chop(1);
    directory = directory.sliced(directoryEntryBytes + name + more);
    return entry;
}

Result<std::optional<ArchiveEntry>> ZipReader::next()
{
    if (m_next == m_entries.size())
        return std::nullopt;
    const Entry &entry = m_entries[m_next++];
    m_content.reset();
    m_left = 0;
    if (!entry.shown.isFolder) {
        if (const Result<> opened = open(entry); !opened)
            return std::unexpected(opened.error());
    }
    return entry.shown;
}

/// Goes to the content, behind the entry's own header, which must tell the same name as the directory.
Result<> ZipReader::open(const Entry &entry)
{
    m_file->seek(entry.header);
    const QByteArray header = m_file->read(localHeaderBytes);
    if (header.size() != localHeaderBytes || !header.startsWith("PK\3\4"))
        return damaged(u"an entry is not where the directory says"_s);
    if (m_file->read(short16(header, 26)) != entry.shown.name)
        return damaged(u"an entry has another name in the directory"_s);
    m_file->skip(short16(header, 28));
    m_left = entry.shown.size;
    auto packed = std::make_unique<Stretch>(*m_file, entry.packedSize);
    if (!entry.deflated) {
        m_content = std::move(packed);
        return {};
    }
    auto unpacked = std::make_unique<KCompressionDevice>(packed.release(), true, KCompressionDevice::GZip);
    unpacked->setSkipHeaders();
    if (!unpacked->open(QIODevice::ReadOnly))
        return damaged(u"an entry cannot be unpacked"_s);
    m_content = std::move(unpacked);
    return {};
}

Result<QByteArray> ZipReader::read()
{
    if (!m_content)
        return QByteArray();
    const QByteArray piece = m_content->read(pieceBytes);
    if (piece.size() > m_left || (piece.isEmpty() && m_left > 0))
        return damaged(u"an entry has another size than the directory says"_s);
    m_left -= piece.size();
    return piece;
}

} // namespace nightshift::archive
