#include "tarreader.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::archive {

constexpr qint64 blockBytes = 512;
constexpr qint64 longTextBytes = 64 * 1024; // of a name or an extended header; no path is longer
constexpr qint64 pieceBytes = 256 * 1024;
constexpr int mostExtraHeaders = 4; // in front of one entry; an archive of nothing else would keep us for long

namespace {

QByteArray textField(QByteArrayView header, qsizetype at, qsizetype length)
{
    const QByteArrayView field = header.sliced(at, length);
    const qsizetype end = field.indexOf('\0');
    return field.first(end < 0 ? length : end).toByteArray();
}

/// Octal digits; absent for anything else, GNU's binary numbers for sizes beyond 8 GiB among it.
std::optional<qint64> numberField(QByteArrayView header, qsizetype at, qsizetype length)
{
    const QByteArray text = textField(header, at, length).trimmed();
    bool isNumber = false;
    const qint64 number = text.toLongLong(&isNumber, 8);
    return isNumber && number >= 0 ? std::optional(number) : std::nullopt;
}

bool sumFits(QByteArrayView header)
{
    constexpr qsizetype sumAt = 148, sumLength = 8;
    qint64 sum = 0;
    for (qsizetype i = 0; i < header.size(); ++i)
        sum += i >= sumAt && i < sumAt + sumLength ? ' ' : uchar(header[i]);
    return numberField(header, sumAt, sumLength) == sum;
}

QString kindName(char type)
{
    switch (type) {
    case '1':
        return u"a hard link"_s;
    case '2':
    case 'K':
        return u"a symbolic link"_s;
    case '3':
    case '4':
        return u"a device"_s;
    case '6':
        return u"a pipe"_s;
    default:
        return u"of the unknown kind '%1'"_s.arg(QLatin1Char(type));
    }
}

/// The value of `path` among records "LENGTH KEY=VALUE\n"; nothing when it is not among them.
Result<std::optional<QByteArray>> pathAmong(QByteArrayView records)
{
    std::optional<QByteArray> path;
    while (!records.isEmpty()) {
        const qsizetype space = records.indexOf(' ');
        bool isNumber = false;
        const qsizetype length = records.first(qMax<qsizetype>(space, 0)).toLongLong(&isNumber);
        if (!isNumber || length <= space + 1 || length > records.size() || records[length - 1] != '\n')
            return damaged(u"an extended header has no records"_s);
        const QByteArrayView record = records.sliced(space + 1, length - space - 2);
        if (record.startsWith("path="))
            path = record.sliced(5).toByteArray();
        if (record.startsWith("size="))
            return fail(Error::Kind::Invalid, u"a file in the archive is too large"_s);
        records = records.sliced(length);
    }
    return path;
}

} // namespace

Result<QByteArray> TarReader::block(qint64 bytes)
{
    QByteArray block;
    while (block.size() < bytes) {
        const QByteArray more = m_from->read(bytes - block.size());
        if (more.isEmpty())
            break;
        block += more;
    }
    if (block.size() != bytes && !(block.isEmpty() && bytes == blockBytes))
        return damaged(u"it ends too early"_s);
    return block;
}

Result<> TarReader::skipRest()
{
    while (m_left > 0) {
        if (const Result<QByteArray> skipped = read(); !skipped)
            return std::unexpected(skipped.error());
    }
    if (const qint64 padding = std::exchange(m_padding, 0); padding > 0)
        return block(padding).transform([](const QByteArray &) {});
    return {};
}

Result<std::optional<ArchiveEntry>> TarReader::next()
{
    for (int extra = 0; extra <= mostExtraHeaders; ++extra) {
        if (const Result<> skipped = skipRest(); !skipped)
            return std::unexpected(skipped.error());
        const Result<QByteArray> header = block(blockBytes);
        if (!header)
            return std::unexpected(header.error());
        if (header->isEmpty() || header->count('\0') == blockBytes)
            return std::nullopt;
        ArchiveEntry entry;
        const Result<bool> taken = takeHeader(*header, entry);
        if (!taken)
            return std::unexpected(taken.error());
        if (*taken)
            return entry;
    }
    return damaged(u"an entry has too many headers"_s);
}

/// False for headers that only tell of the entry behind them.
Result<bool> TarReader::takeHeader(const QByteArray &header, ArchiveEntry &entry)
{
    if (!sumFits(header))
        return damaged(u"the sum of a header does not fit"_s);
    const std::optional<qint64> size = numberField(header, 124, 12);
    if (!size)
        return fail(Error::Kind::Invalid, u"a file in the archive is too large"_s);
    m_left = *size;
    m_padding = (blockBytes - *size % blockBytes) % blockBytes;
    const char type = header[156];
    entry.name = textField(header, 0, 100);
    if (type == 'g' || type == 'L' || type == 'x')
        return takeExtra(type).transform([] { return false; });
    const QByteArray prefix = textField(header, 345, 155);
    if (header.sliced(257, 6) == QByteArray("ustar\0", 6) && !prefix.isEmpty())
        entry.name = prefix + '/' + entry.name;
    if (!m_longName.isEmpty())
        entry.name = std::exchange(m_longName, {});
    entry.isFolder = type == '5';
    if (!entry.isFolder && type != '0' && type != '\0')
        return refusedKind(entry.name, kindName(type));
    if (entry.isFolder && m_left > 0)
        return damaged(u"a folder in it has content"_s);
    if (entry.isFolder && entry.name.endsWith('/'))
        entry.name.chop(1);
    entry.size = *size;
    return true;
}

/// A header that only tells of what comes behind it: a name too long for its own ('L', 'x'), or nothing that we
/// need ('g').
Result<> TarReader::takeExtra(char type)
{
    if (m_left > longTextBytes)
        return damaged(u"a name in it is too long"_s);
    const Result<QByteArray> text = block(std::exchange(m_left, 0));
    if (!text)
        return std::unexpected(text.error());
    if (type == 'L')
        m_longName = textField(*text, 0, text->size());
    if (type != 'x')
        return {};
    return pathAmong(*text).transform([this](const std::optional<QByteArray> &path) {
        if (path)
            m_longName = *path;
    });
}

Result<QByteArray> TarReader::read()
{
    const QByteArray piece = m_left > 0 ? m_from->read(std::min(m_left, pieceBytes)) : QByteArray();
    if (piece.isEmpty() && m_left > 0)
        return damaged(u"it ends too early"_s);
    m_left -= piece.size();
    return piece;
}

} // namespace nightshift::archive
