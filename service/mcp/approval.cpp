#include "mcp/approval.h"
#include <algorithm>

namespace nightshift::mcp {

bool mayRun(const McpServerSettings &server, const RemoteTool &tool, SandboxPolicy::Mode mode)
{
    using Approval = McpServerSettings::Approval;
    const auto own = std::ranges::find(server.toolApproval, tool.name, &std::pair<QString, Approval>::first);
    switch (own == server.toolApproval.end() ? server.approval : own->second) {
    case Approval::Approve:
        return true;
    case Approval::Prompt:
        return false;
    case Approval::Auto:
        return tool.readOnly || mode != SandboxPolicy::Mode::ReadOnly;
    }
    Q_UNREACHABLE_RETURN(false);
}

bool isOffered(const McpServerSettings &server, const QString &tool)
{
    return (!server.enabledTools || server.enabledTools->contains(tool)) && !server.disabledTools.contains(tool);
}

} // namespace nightshift::mcp
