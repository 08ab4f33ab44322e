#pragma once
#include "mcp/server.h"
#include "tools/tool.h"

namespace nightshift::mcp {

/// What the tools of a session's servers have in common.
struct Circumstances
{
    SandboxPolicy::Mode mode = SandboxPolicy::Mode::ReadOnly;
    ModelInfo model;
    qint64 replyTokens = 10'000;
    tools::Tell tell;
};

/// One tool of one server.
class McpTool : public tools::Tool
{
public:
    /// `name` is the model's for it. The server outlives this.
    McpTool(QString name, Server *server, RemoteTool tool, Circumstances circumstances);

    QString name() const override { return m_name; }
    RawJson definition() const override { return m_definition; }
    tools::Proposal propose(const ToolCall &call) override;
    tools::ToolJob *start(const ToolCall &call, QObject *parent) override;

private:
    QString m_name;
    Server *m_server;
    RemoteTool m_tool;
    Circumstances m_circumstances;
    RawJson m_definition;
};

/// The arguments of a call as one JSON object, none where there are none; the error is for the model.
Result<RawJson> argumentsOf(const ToolCall &call);

} // namespace nightshift::mcp
