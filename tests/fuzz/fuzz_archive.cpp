#include "archive/tarreader.h"
#include "archive/zipreader.h"
#include "input.h"
#include <QBuffer>
#include <QFile>
#include <QTemporaryDir>

using namespace nightshift;
using namespace nightshift::archive;

namespace {

constexpr qint64 mostBytes = 16 * 1024 * 1024; // what a bundle may unpack to here; its own limit is the unpacker's

void readAll(ArchiveReader &reader)
{
    qint64 total = 0;
    for (auto entry = reader.next(); entry && *entry; entry = reader.next()) {
        fuzz::mustHold((*entry)->size >= 0, "no entry has a negative size");
        qint64 bytes = 0;
        for (auto piece = reader.read(); piece && !piece->isEmpty() && total < mostBytes; piece = reader.read()) {
            fuzz::mustHold(piece->size() <= 256 * 1024, "a piece is no larger than promised");
            bytes += piece->size();
            total += piece->size();
        }
        fuzz::mustHold(bytes <= (*entry)->size, "an entry has no more than it says");
        if (total >= mostBytes)
            return;
    }
}

} // namespace

/// As tar, as zip, and as what its first bytes tell.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const QTemporaryDir folder;
    const QByteArrayView bytes = fuzz::bytes(data, size);
    auto buffer = std::make_unique<QBuffer>();
    buffer->setData(bytes.toByteArray());
    buffer->open(QIODevice::ReadOnly);
    TarReader tar(std::move(buffer));
    readAll(tar);
    const QString path = folder.filePath(QStringLiteral("archive"));
    QFile file(path);
    fuzz::mustHold(file.open(QIODevice::WriteOnly) && file.write(bytes.toByteArray()) == bytes.size(),
                   "a file is written");
    file.close();
    if (auto reader = openArchive(path))
        readAll(**reader);
    return 0;
}
