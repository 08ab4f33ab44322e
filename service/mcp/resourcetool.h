#pragma once
#include "mcp/mcptool.h"

namespace nightshift::mcp {

class Servers;

/// `list_mcp_resources`, `list_mcp_resource_templates` and `read_mcp_resource`: what servers have to be read, beside
/// their tools. Source: https://modelcontextprotocol.io/specification/2025-06-18/server/resources
class ResourceTool : public tools::Tool
{
public:
    enum class What { List, ListTemplates, Read };
    /// The servers outlive this.
    ResourceTool(What what, const Servers &servers, Circumstances circumstances);

    QString name() const override;
    RawJson definition() const override;
    tools::ToolJob *start(const ToolCall &call, QObject *parent) override;

private:
    const What m_what;
    const Servers &m_servers;
    const Circumstances m_circumstances;
};

} // namespace nightshift::mcp
