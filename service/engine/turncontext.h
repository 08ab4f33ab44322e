#pragma once
#include "domain/settings.h"

namespace nightshift::engine {

/// The log's record of the settings a turn runs under, in the reference's words. Source: `turn_context`
/// lines of its session logs; whoever resumes finds the folder and the model here.
RawJson turnContext(const Settings &settings, const QString &turnId);

} // namespace nightshift::engine
