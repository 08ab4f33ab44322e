#include "archive/bundlewriter.h"
#include "archive/unpack.h"
#include "archive/zstdfile.h"
#include "store/compression.h"

extern "C" __attribute__((visibility("default"))) void nightshiftDecompress(const QString &from, const QString &to,
                                                                            nightshift::Result<> &outcome)
{
    outcome = nightshift::archive::decompress(from, to);
}

extern "C" __attribute__((visibility("default"))) void nightshiftCompress(const QString &from, const QString &to,
                                                                          nightshift::Result<> &outcome)
{
    outcome = nightshift::archive::compress(from, to);
}

extern "C" __attribute__((visibility("default"))) nightshift::store::BundleWriting *
nightshiftWriteBundle(nightshift::store::Bundle bundle, nightshift::store::BundleFormat format, QIODevice &to)
{
    return new nightshift::archive::BundleWriter(std::move(bundle), format, to);
}

extern "C" __attribute__((visibility("default"))) void
nightshiftUnpackBundle(const QString &archive, const QString &folder,
                       nightshift::Result<std::vector<nightshift::store::UnpackedFile>> &outcome)
{
    outcome = nightshift::archive::unpack(archive, folder);
}
