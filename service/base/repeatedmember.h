#pragma once
#include "base/jsonreader.h"
#include <optional>

namespace nightshift {

/// The name of a member that stands twice in one object, at whatever depth; nothing when there is none.
std::optional<QString> repeatedMember(JsonView value);

} // namespace nightshift
