#pragma once
#include "base/jsonreader.h"

namespace nightshift::batch {

/// The value with the members of every object sorted by name, so that equal values are equal bytes.
RawJson canonical(JsonView value);
/// Text that is no JSON becomes null.
RawJson canonical(const RawJson &value);

} // namespace nightshift::batch
