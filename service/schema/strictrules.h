#pragma once
#include "base/jsonreader.h"

namespace nightshift::schema {

/// Whether a schema keeps the strict rules; the error is "at POINTER: what is wrong".
Result<> checkStrictRules(JsonView schema);

} // namespace nightshift::schema
