#pragma once
#include "base/result.h"
#include <functional>

namespace nightshift::store {

/// Writes the decompressed text of one file to another. Given from outside, because the library behind it
/// is dear to load and few logs are compressed; empty where there is none.
using Decompress = std::function<Result<>(const QString &from, const QString &to)>;

/// The functions that the module `nightshift-archive` exports.
using CompressionFunction = void(const QString &from, const QString &to, Result<> &outcome);
constexpr const char *decompressSymbol = "nightshiftDecompress";
constexpr const char *compressSymbol = "nightshiftCompress";

/// One of them, for whose sake the module is loaded when it is first called.
Decompress fromModule(const QString &modulePath, const char *symbol = decompressSymbol);

/// The path a log has when it is compressed, and the one it has when it is not.
QString compressedPath(const QString &path);
QString plainPath(const QString &path);

/// Puts the plain file in the place of ROLLOUT.jsonl.zst; `plain` is its path.
Result<> decompressInPlace(const QString &plain, const Decompress &decompress);

} // namespace nightshift::store
