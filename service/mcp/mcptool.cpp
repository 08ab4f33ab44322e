#include "mcp/mcptool.h"
#include "mcp/approval.h"
#include "mcp/calljob.h"
#include "tools/answerjob.h"

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

Result<RawJson> argumentsOf(const ToolCall &call)
{
    if (call.arguments.trimmed().isEmpty())
        return json::object({});
    const auto document = JsonDocument::parse(call.arguments);
    if (!document)
        return fail(Error::Kind::Invalid, u"failed to parse function arguments: "_s + document.error().message);
    if (!document->root().isObject())
        return fail(Error::Kind::Invalid, u"failed to parse function arguments: expected an object"_s);
    return json::onOneLine({call.arguments.trimmed()});
}

McpTool::McpTool(QString name, Server *server, RemoteTool tool, Circumstances circumstances)
    : m_name(std::move(name))
    , m_server(server)
    , m_tool(std::move(tool))
    , m_circumstances(std::move(circumstances))
    , m_definition(json::object({{"type", "function"},
                                 {"name", m_name},
                                 {"description", m_tool.description},
                                 {"strict", false},
                                 {"parameters", m_tool.schema}}))
{}

tools::Proposal McpTool::propose(const ToolCall &call)
{
    if (const auto arguments = argumentsOf(call); !arguments)
        return {.kind = tools::Proposal::Kind::Nothing, .refusal = arguments.error().message};
    if (mayRun(m_server->settings(), m_tool, m_circumstances.mode))
        return {};
    return {.approval = u"the tool %1 of the server %2 needs an approval"_s.arg(m_tool.name, m_server->name())};
}

tools::ToolJob *McpTool::start(const ToolCall &call, QObject *parent)
{
    const auto arguments = argumentsOf(call);
    if (!arguments)
        return tools::answerText(call, arguments.error().message, parent);
    auto *job = new CallJob(call.id, {m_server->name(), m_tool.name, *arguments}, m_circumstances, parent);
    if (call.permit.approved || mayRun(m_server->settings(), m_tool, m_circumstances.mode))
        job->ask(m_server);
    else
        job->refuse(u"MCP tool call requires approval, but approval policy is never"_s);
    return job;
}

} // namespace nightshift::mcp
