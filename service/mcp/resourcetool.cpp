#include "mcp/resourcetool.h"
#include "mcp/resourcejob.h"
#include "mcp/servers.h"
#include "tools/answerjob.h"
#include "tools/callarguments.h"
#include "tools/toolschema.h"

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

namespace schema = tools::schema;

ResourceTool::ResourceTool(What what, const Servers &servers, Circumstances circumstances)
    : m_what(what)
    , m_servers(servers)
    , m_circumstances(std::move(circumstances))
{}

QString ResourceTool::name() const
{
    switch (m_what) {
    case What::List:
        return u"list_mcp_resources"_s;
    case What::ListTemplates:
        return u"list_mcp_resource_templates"_s;
    case What::Read:
        return u"read_mcp_resource"_s;
    }
    Q_UNREACHABLE_RETURN({});
}

RawJson ResourceTool::definition() const
{
    if (m_what == What::Read)
        return schema::function("read_mcp_resource", "Reads a resource of an MCP server.",
                                schema::object({{"server", schema::string("Name of the MCP server that has it.")},
                                                {"uri", schema::string("URI of the resource, as it was listed.")}},
                                               {u"server"_s, u"uri"_s}));
    const bool templates = m_what == What::ListTemplates;
    return schema::function(templates ? "list_mcp_resource_templates" : "list_mcp_resources",
                            templates ? "Lists the patterns of URIs by which MCP servers have resources to read."
                                      : "Lists the resources that MCP servers have to read: files, schemas, notes.",
                            schema::object({{"server", schema::string("Name of one MCP server; leave out to ask all.")},
                                            {"cursor", schema::string("The `nextCursor` of an earlier answer of that "
                                                                      "server; leave out for its first page.")}},
                                           {}));
}

tools::ToolJob *ResourceTool::start(const ToolCall &call, QObject *parent)
{
    using Need = tools::CallArguments::Need;
    tools::CallArguments arguments(call.arguments.trimmed().isEmpty() ? "{}"_ba : call.arguments);
    const Need need = m_what == What::Read ? Need::Required : Need::Optional;
    ResourceJob::Task task{.what = m_what, .named = arguments.string("server", need).value_or(QString())};
    if (m_what == What::Read)
        task.uri = arguments.string("uri", need).value_or(QString());
    else
        task.cursor = arguments.string("cursor").value_or(QString());
    if (arguments.problem())
        return tools::answerText(call, *arguments.problem(), parent);
    if (!task.cursor.isEmpty() && task.named.isEmpty())
        return tools::answerText(call, u"`cursor` needs `server`: it is that server's own"_s, parent);
    for (Server *server : m_servers.ready()) {
        if (task.named.isEmpty() || server->name() == task.named)
            task.servers.push_back(server);
    }
    if (!task.named.isEmpty() && task.servers.empty())
        return tools::answerText(call, u"unknown MCP server '%1'"_s.arg(task.named), parent);
    const auto given = argumentsOf(call);
    const McpCall shown{task.named.isEmpty() ? u"codex"_s : task.named, name(), given ? *given : RawJson()};
    return new ResourceJob(call.id, shown, std::move(task), m_circumstances, parent);
}

} // namespace nightshift::mcp
