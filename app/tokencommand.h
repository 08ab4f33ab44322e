#pragma once
#include "base/result.h"
#include "domain/settings.h"

namespace nightshift::app {

/// What the program prints, trimmed: a bearer token. Waits for it, as long as its settings allow. Whatever
/// goes wrong is an error: a request without a token would only fail later and elsewhere.
Result<Secret> runTokenCommand(const TokenCommand &command);

/// Gives the provider its key where a program prints it. Says why there can be none.
Result<> resolveKey(ProviderSettings &provider);

} // namespace nightshift::app
