#pragma once
#include "domain/settings.h"

namespace nightshift::engine {

/// The tools that the provider runs itself, as entries of a request's `tools`: web search, where it is
/// switched on. Source: https://platform.openai.com/docs/guides/tools-web-search
std::vector<RawJson> hostedTools(const Settings &settings);

} // namespace nightshift::engine
