#pragma once
#include "app/options.h"
#include <chrono>
#include <optional>

namespace nightshift::app {

/// 90 and 90s, 5m, 1h30m, 2d, 250ms; absent for anything else, for nothing and for what no clock can count.
std::optional<std::chrono::milliseconds> durationFromText(QStringView text);

/// The sentence for a value that its option does not take; absent when it does.
std::optional<QString> whyInvalid(const OptionRow &option, const QString &value);

} // namespace nightshift::app
