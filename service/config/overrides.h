#pragma once
#include "base/result.h"
#include "config/value.h"

namespace nightshift::config {

/// `key=value` of one -c: split at the first `=` outside the key's quotes, both sides trimmed. The value is
/// a TOML value, else the text itself: `model=gpt-5` needs no quotes in quotes. A table gives its leaves.
Result<std::vector<Entry>> parseOverride(const QString &text);

/// --enable and --disable: `features.NAME`; an error where there is no such feature.
Result<Entry> featureOverride(const QString &name, bool enabled);

/// Whether the reference has, or had, a feature of this name.
bool isKnownFeature(QStringView name);

} // namespace nightshift::config
