#pragma once
#include "base/result.h"
#include "config/value.h"

namespace nightshift::config {

/// The entries of a TOML text, each with its line. `origin` names layer and file; the error starts with
/// "FILE:LINE:COLUMN: ". Source: https://toml.io/en/v1.0.0
Result<std::vector<Entry>> parseToml(QByteArrayView text, const Origin &origin);

/// One layer: nothing when the file does not exist, an error when it cannot be read or is not TOML.
Result<std::vector<Entry>> readConfigFile(const QString &path, LayerKind layer);

/// What stands right of an equals sign; nothing when it is not one TOML value, or is a date or time.
std::optional<Value> parseTomlValue(QStringView text);

} // namespace nightshift::config
