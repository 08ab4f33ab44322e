#pragma once
#include "base/jsonreader.h"

namespace nightshift::llm {

/// The plainest value that a strict output schema allows: first choices, least numbers, words that say `demo`. Patterns
/// are not looked at.
RawJson exampleOf(JsonView schema);

} // namespace nightshift::llm
