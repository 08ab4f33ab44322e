#pragma once
#include "domain/settings.h"
#include "mcp/handshake.h"

namespace nightshift::mcp {

/// Whether a call may run although nobody is there to be asked: tools that only read run everywhere, others where
/// the model's commands may write; a tool that is approved always runs, one that is to be asked about never.
bool mayRun(const McpServerSettings &server, const RemoteTool &tool, SandboxPolicy::Mode mode);

/// Whether a tool is offered at all: enabled_tools, without disabled_tools.
bool isOffered(const McpServerSettings &server, const QString &tool);

} // namespace nightshift::mcp
