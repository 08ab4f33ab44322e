#pragma once
#include "base/result.h"
#include "config/draft.h"
#include "config/environment.h"

namespace nightshift::config {

/// Whether the id is one of ours, which no table may redefine.
bool isBuiltInProvider(QStringView id);

/// The provider the draft names, with its address, headers and key; NotFound when there is no such provider.
/// A missing key is no error here: see ProviderSettings::keyProblem and missingKey.
Result<ProviderSettings> resolveProvider(const Draft &draft, const Environment &environment);

/// The variables that hold credentials by what the settings say of any provider and MCP server, used or not.
QStringList credentialVariables(const Draft &draft);

} // namespace nightshift::config
