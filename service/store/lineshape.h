#pragma once
#include "base/jsonreader.h"
#include <optional>

namespace nightshift::store {

/// How a log line's payload misses what lines of its kind always hold: "exec_command_end has no call_id". Absent when
/// it holds all of that, and for kinds that are not known: later releases have more.
std::optional<QString> missingMember(QByteArrayView type, JsonView payload);

} // namespace nightshift::store
