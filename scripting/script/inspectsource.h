#pragma once
#include "base/rawjson.h"
#include "base/result.h"
#include <optional>

namespace nightshift::script {

/// The script engine takes named groups and lookbehind in regular expressions and then gets them wrong, without a
/// word. The error names `file`, the line and what to write instead. Measured with Qt 6.8.2.
Result<> refuseSilentlyWrong(const QString &source, const QString &file);

/// The value of `export const config = …`, a literal, read without running anything; nothing when there is none. The
/// error names `file` and the line of what is no literal.
Result<std::optional<RawJson>> readConfig(const QString &source, const QString &file);

} // namespace nightshift::script
