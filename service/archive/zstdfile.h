#pragma once
#include "base/result.h"

namespace nightshift::archive {

/// Writes `from` compressed, or decompressed, to `to`; the formats are zstd and plain. A file that could not
/// be finished is left for the caller to remove.
Result<> compress(const QString &from, const QString &to);
Result<> decompress(const QString &from, const QString &to);

} // namespace nightshift::archive
