#pragma once
#include <KCompressionDevice>
#include <QBuffer>
#include <QByteArray>
#include <QtEndian>

namespace nightshift::test {

/// Archives byte for byte, also those that no program would make.
struct RawEntry
{
    QByteArray name;
    QByteArray content;
    char type = '0';           ///< As tar writes it; what zip has no word for becomes its Unix mode.
    QByteArray target = {};    ///< Of a link.
    qint64 toldSize = -1;      ///< What the header says instead of the content's size.
    QByteArray localName = {}; ///< Of a zip: what the entry's own header says instead of the directory.
};

inline QByteArray tarNumber(qint64 number, int digits)
{
    return QByteArray::number(number, 8).rightJustified(digits, '0') + '\0';
}

inline QByteArray tarEntry(const RawEntry &entry)
{
    const qint64 size = entry.toldSize < 0 ? entry.content.size() : entry.toldSize;
    QByteArray header = entry.name.leftJustified(100, '\0', true) + tarNumber(0600, 7) + tarNumber(0, 7) +
                        tarNumber(0, 7) + tarNumber(size, 11) + tarNumber(0, 11) + "        " + entry.type +
                        entry.target.leftJustified(100, '\0', true) + QByteArray("ustar\00000", 8);
    header = header.leftJustified(512, '\0');
    qint64 sum = 0;
    for (const char c : header)
        sum += uchar(c);
    header.replace(148, 8, QByteArray::number(sum, 8).rightJustified(6, '0') + QByteArray("\0 ", 2));
    return header + entry.content + QByteArray((512 - entry.content.size() % 512) % 512, '\0');
}

inline QByteArray tarOf(const std::vector<RawEntry> &entries)
{
    QByteArray tar;
    for (const RawEntry &entry : entries)
        tar += tarEntry(entry);
    return tar + QByteArray(1024, '\0');
}

inline QByteArray gzipped(const QByteArray &bytes)
{
    QByteArray packed;
    QBuffer buffer(&packed);
    buffer.open(QIODevice::WriteOnly);
    KCompressionDevice device(&buffer, false, KCompressionDevice::GZip);
    device.open(QIODevice::WriteOnly);
    device.write(bytes);
    device.close();
    return packed;
}

inline QByteArray little(quint32 number, int bytes)
{
    const quint32 ordered = qToLittleEndian(number);
    return QByteArray(reinterpret_cast<const char *>(&ordered), bytes);
}

/// Stored, not deflated.
inline QByteArray zipOf(const std::vector<RawEntry> &entries)
{
    QByteArray files, directory;
    for (const RawEntry &entry : entries) {
        const quint32 size = quint32(entry.toldSize < 0 ? entry.content.size() : entry.toldSize);
        const QByteArray local = entry.localName.isEmpty() ? entry.name : entry.localName;
        const quint32 kind = entry.type == '2' ? 0120000 : entry.type == '3' ? 0020000 : 0100000;
        const QByteArray sizes = little(0, 4) + little(quint32(entry.content.size()), 4) + little(size, 4);
        directory += "PK\1\2" + little(0x31e, 2) + little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + sizes +
                     little(quint32(entry.name.size()), 2) + QByteArray(8, '\0') + little((kind | 0600) << 16, 4) +
                     little(quint32(files.size()), 4) + entry.name;
        files += "PK\3\4" + little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + sizes +
                 little(quint32(local.size()), 2) + little(0, 2) + local + entry.content;
    }
    const quint32 count = quint32(entries.size());
    return files + directory + "PK\5\6" + little(0, 4) + little(count, 2) + little(count, 2) +
           little(quint32(directory.size()), 4) + little(quint32(files.size()), 4) + little(0, 2);
}

} // namespace nightshift::test
