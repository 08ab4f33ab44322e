#pragma once
#include "domain/settings.h"

namespace nightshift::mcp {

/// The whole environment of a server that is a program, as NAME=value: of ours only what every program needs to
/// find its way, then what the settings give it. No key of ours reaches it unasked.
QStringList serverEnvironment(const QStringList &ours, const McpServerSettings &server);

} // namespace nightshift::mcp
