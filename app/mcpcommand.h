#pragma once
#include "app/commandline.h"

namespace nightshift::app {

/// `nightshift mcp list` and `mcp test`: what MCP servers the settings name, and whether one of them works. Returns
/// the exit code.
int runMcp(const McpOptions &options);

} // namespace nightshift::app
