#pragma once
#include "archive/archivereader.h"
#include <QIODevice>
#include <vector>

class QFile;

namespace nightshift::archive {

/// Reads zip: stored or deflated entries, by the directory at its end. Source: PKWARE's APPNOTE 6.3.10, section 4.3;
/// zip64 and encryption are refused.
class ZipReader : public ArchiveReader
{
public:
    explicit ZipReader(std::unique_ptr<QFile> file);
    ~ZipReader() override;
    Result<> readDirectory();
    Result<std::optional<ArchiveEntry>> next() override;
    Result<QByteArray> read() override;

private:
    struct Entry
    {
        ArchiveEntry shown;
        qint64 packedSize = 0;
        qint64 header = 0; ///< Where the entry's own header stands.
        bool deflated = false;
    };
    Result<Entry> takeEntry(QByteArrayView &directory) const;
    Result<> open(const Entry &entry);

    std::unique_ptr<QFile> m_file;
    std::vector<Entry> m_entries;
    size_t m_next = 0;
    std::unique_ptr<QIODevice> m_content;
    qint64 m_left = 0; ///< Of the content's size as the directory tells it.
};

} // namespace nightshift::archive
