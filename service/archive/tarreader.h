#pragma once
#include "archive/archivereader.h"
#include <QIODevice>

namespace nightshift::archive {

/// Reads tar as POSIX and GNU write it. Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended
/// Header"; of GNU's additions, names that are too long for a header.
class TarReader : public ArchiveReader
{
public:
    /// `from` gives the tar itself and is open.
    explicit TarReader(std::unique_ptr<QIODevice> from)
        : m_from(std::move(from))
    {}
    Result<std::optional<ArchiveEntry>> next() override;
    Result<QByteArray> read() override;

private:
    Result<QByteArray> block(qint64 bytes);
    Result<> skipRest();
    Result<bool> takeHeader(const QByteArray &header, ArchiveEntry &entry);
    Result<> takeExtra(char type);

    std::unique_ptr<QIODevice> m_from;
    qint64 m_left = 0;     ///< Of the entry's content.
    qint64 m_padding = 0;  ///< Behind it.
    QByteArray m_longName; ///< For the next entry.
};

} // namespace nightshift::archive
