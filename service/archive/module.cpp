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
