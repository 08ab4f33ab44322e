#pragma once
#include "base/result.h"
#include "config/draft.h"

namespace nightshift::config {

/// Which model is asked, and what is known of it: the catalogue, over it the settings' own `models` table.
/// A model that neither knows works; a notice says so. Invalid when no model is named and there is no default.
Result<> resolveModel(Draft &draft);

} // namespace nightshift::config
