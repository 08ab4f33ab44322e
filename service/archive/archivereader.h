#pragma once
#include "base/result.h"
#include <QByteArray>
#include <memory>
#include <optional>

class QIODevice;

namespace nightshift::archive {

/// What an archive says of one of its entries, unchecked.
struct ArchiveEntry
{
    QByteArray name; ///< As it is written; of a folder without the slash at its end.
    bool isFolder = false;
    qint64 size = 0;
};

/// Reads an archive of strangers from its beginning to its end, and nothing twice. Links, devices and whatever else is
/// neither file nor folder are refused when they are met. Errors are Invalid.
class ArchiveReader
{
public:
    virtual ~ArchiveReader() = default;
    /// The next entry, over what is left of the last one; absent at the end.
    virtual Result<std::optional<ArchiveEntry>> next() = 0;
    /// More of the entry's content: at most 256 KiB; empty at its end.
    virtual Result<QByteArray> read() = 0;
};

/// A reader for the format that the file's first bytes tell: tar.gz or zip.
Result<std::unique_ptr<ArchiveReader>> openArchive(const QString &path);

/// What a reader says of an archive that it cannot read on.
std::unexpected<Error> damaged(const QString &what);
std::unexpected<Error> refusedKind(const QByteArray &name, const QString &kind);

} // namespace nightshift::archive
