#include "config/keytables.h"
#include "config/settingvalues.h"

using namespace Qt::StringLiterals;

namespace nightshift::config::keys {

namespace {

WebSearch webSearch(const Entry &e)
{
    using enum WebSearch;
    return chosen<WebSearch>(e, {{"disabled"_L1, Disabled}, {"cached"_L1, Cached}, {"live"_L1, Live}});
}

McpServerSettings::Approval mcpApproval(const Entry &e)
{
    using enum McpServerSettings::Approval;
    return chosen<McpServerSettings::Approval>(e, {{"auto"_L1, Auto}, {"prompt"_L1, Prompt}, {"approve"_L1, Approve}});
}

McpServerSettings::Containment containment(const Entry &e)
{
    using enum McpServerSettings::Containment;
    return chosen<McpServerSettings::Containment>(
        e, {{"off"_L1, Off}, {"read-only"_L1, ReadOnly}, {"workspace-write"_L1, WorkspaceWrite}});
}

McpServerTable &server(Draft &d, const Entry &e)
{
    McpServerTable &table = d.mcpServers[e.path[1]];
    table.settings.name = e.path[1];
    return table;
}

void setToolApproval(Draft &d, const Entry &e)
{
    server(d, e).settings.toolApproval.emplace_back(e.path[3], mcpApproval(e));
}

void addSkillRules(Draft &d, const Entry &e)
{
    if (!e.value.list())
        return;
    for (const Value &rule : *e.value.list()) {
        const Value *enabled = rule.member(u"enabled");
        d.settings.skillRules.push_back({.name = memberText(rule, u"name"),
                                         .path = path(e, memberText(rule, u"path")),
                                         .enabled = !enabled || !enabled->boolean() || *enabled->boolean()});
    }
}

// clang-format off: a row is read across
constexpr SettingKey table[]{
    {.key = "mcp_servers.*.command"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "The server's program"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.command = text(e); }},
    {.key = "mcp_servers.*.args"_L1, .type = KeyType::Strings, .inProject = InProject::Named, .byDefault = "[]"_L1,
     .help = "Its arguments"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.args = e.value.strings(); }},
    {.key = "mcp_servers.*.env.*"_L1, .type = KeyType::String, .inProject = InProject::Named, .secret = true,
     .help = "Its further variables"_L1,
     .set = [](Draft &d, const Entry &e) { set(server(d, e).settings.environment, e); }},
    {.key = "mcp_servers.*.env_vars"_L1, .inProject = InProject::Named,
     .help = "Variables of ours that it gets"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).envVars = names(e); }},
    {.key = "mcp_servers.*.cwd"_L1, .type = KeyType::Path, .inProject = InProject::Named,
     .help = "Where it runs"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.cwd = path(e, text(e)); }},
    {.key = "mcp_servers.*.url"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "Where it is, for a server reached over HTTP"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.url = text(e); }},
    {.key = "mcp_servers.*.bearer_token_env_var"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "The variable that holds its key"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.bearerTokenEnvVar = text(e); }},
    {.key = "mcp_servers.*.bearer_token"_L1, .inProject = InProject::Named, .secret = true,
     .help = "Refused: keys do not belong into settings"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).hasLiteralToken = true; }},
    {.key = "mcp_servers.*.http_headers.*"_L1, .type = KeyType::String, .inProject = InProject::Named, .secret = true,
     .help = "Further request headers"_L1,
     .set = [](Draft &d, const Entry &e) { set(server(d, e).settings.headers, e); }},
    {.key = "mcp_servers.*.env_http_headers.*"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "Further request headers whose values stand in environment variables"_L1,
     .set = [](Draft &d, const Entry &e) { set(server(d, e).envHeaders, e); }},
    {.key = "mcp_servers.*.enabled"_L1, .type = KeyType::Boolean, .inProject = InProject::Named, .byDefault = "true"_L1,
     .help = "Whether it is used"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.enabled = flag(e); }},
    {.key = "mcp_servers.*.required"_L1, .type = KeyType::Boolean, .inProject = InProject::Named, .byDefault = "false"_L1,
     .help = "Whether the run ends when it does not start"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.required = flag(e); }},
    {.key = "mcp_servers.*.optional"_L1, .type = KeyType::Boolean, .inProject = InProject::Named, .byDefault = "false"_L1,
     .help = "Whether the first request goes out without it when it starts slowly"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.optional = flag(e); }},
    {.key = "mcp_servers.*.startup_timeout_sec"_L1, .type = KeyType::Number, .inProject = InProject::Named, .byDefault = "30"_L1,
     .help = "How long it may take to start"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.startupTimeout = fromSeconds(e); }},
    {.key = "mcp_servers.*.startup_timeout_ms"_L1, .type = KeyType::Milliseconds, .inProject = InProject::Named,
     .help = "The same in milliseconds"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.startupTimeout = milliseconds(e); }},
    {.key = "mcp_servers.*.tool_timeout_sec"_L1, .type = KeyType::Number, .inProject = InProject::Named, .byDefault = "300"_L1,
     .help = "How long a call may take"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.toolTimeout = fromSeconds(e); }},
    {.key = "mcp_servers.*.enabled_tools"_L1, .type = KeyType::Strings, .inProject = InProject::Named,
     .help = "The only tools to offer"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.enabledTools = e.value.strings(); }},
    {.key = "mcp_servers.*.disabled_tools"_L1, .type = KeyType::Strings, .inProject = InProject::Named, .byDefault = "[]"_L1,
     .help = "Tools not to offer"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.disabledTools = e.value.strings(); }},
    {.key = "mcp_servers.*.default_tools_approval_mode"_L1, .type = KeyType::Choice, .choices = "prompt|auto|approve"_L1, .inProject = InProject::Named, .byDefault = "\"auto\""_L1,
     .help = "Which calls run unasked"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.approval = mcpApproval(e); }},
    {.key = "mcp_servers.*.tools.*.approval_mode"_L1, .type = KeyType::Choice, .choices = "prompt|auto|approve"_L1, .inProject = InProject::Named,
     .help = "The same for one tool"_L1,
     .set = [](Draft &d, const Entry &e) { setToolApproval(d, e); }},
    {.key = "mcp_servers.*.supports_parallel_tool_calls"_L1, .type = KeyType::Boolean, .inProject = InProject::Named, .byDefault = "false"_L1,
     .help = "Whether calls may overlap"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.parallelToolCalls = flag(e); }},
    {.key = "mcp_servers.*.sandbox"_L1, .type = KeyType::Choice, .choices = "read-only|workspace-write|off"_L1, .inProject = InProject::Named, .byDefault = "\"off\""_L1,
     .help = "How a server that is a program is contained"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.sandbox = containment(e); }},
    {.key = "mcp_optional_startup_grace_ms"_L1, .type = KeyType::Milliseconds, .byDefault = "1000"_L1,
     .help = "How long the first request waits for optional servers"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.mcpOptionalStartupGrace = milliseconds(e); }},
    {.key = "web_search"_L1, .type = KeyType::Choice, .choices = "disabled|cached|live"_L1, .inProject = InProject::Stricter, .byDefault = "\"disabled\""_L1,
     .help = "Whether the provider may search the web for the model"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearch = webSearch(e); }},
    {.key = "tools.web_search"_L1, .type = KeyType::Boolean, .inProject = InProject::OnlyFalse,
     .help = "The same, as a switch"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearch = flag(e) ? WebSearch::Live : WebSearch::Disabled; }},
    {.key = "tools.web_search.context_size"_L1, .type = KeyType::Choice, .choices = "low|medium|high"_L1,
     .help = "How much of it the model reads"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.contextSize = text(e); }},
    {.key = "tools.web_search.allowed_domains"_L1, .type = KeyType::Strings, .inProject = InProject::MayNarrow,
     .help = "The only places to search"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.allowedDomains = e.value.strings(); }},
    {.key = "tools.web_search.location.country"_L1, .type = KeyType::String,
     .help = "Where the searcher is"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.country = text(e); }},
    {.key = "tools.web_search.location.city"_L1, .type = KeyType::String,
     .help = "Where the searcher is"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.city = text(e); }},
    {.key = "tools.web_search.location.region"_L1, .type = KeyType::String,
     .help = "Where the searcher is"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.region = text(e); }},
    {.key = "tools.web_search.location.timezone"_L1, .type = KeyType::String,
     .help = "Where the searcher is"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.timezone = text(e); }},
    {.key = "tools.update_plan"_L1, .type = KeyType::Boolean, .byDefault = "true"_L1,
     .help = "Offer the model a tool to show its plan"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.updatePlanTool = flag(e); }},
    {.key = "tools.update_plan.enabled"_L1, .type = KeyType::Boolean,
     .help = "The same"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.updatePlanTool = flag(e); }},
    {.key = "tools.view_image"_L1, .type = KeyType::Boolean, .byDefault = "true"_L1,
     .help = "Offer the model a tool to look at image files"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.viewImageTool = flag(e); }},
    {.key = "hide_agent_reasoning"_L1, .type = KeyType::Boolean, .byDefault = "false"_L1,
     .help = "Do not print the model's thinking"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.hideAgentReasoning = flag(e); }},
    {.key = "show_raw_agent_reasoning"_L1, .type = KeyType::Boolean, .byDefault = "false"_L1,
     .help = "Print it unabridged where a server shows it"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.showRawAgentReasoning = flag(e); }},
    {.key = "skills.config"_L1,
     .help = "Skills to switch off or on, by name or path"_L1,
     .set = [](Draft &d, const Entry &e) { addSkillRules(d, e); }},
    {.key = "skills.include_instructions"_L1, .type = KeyType::Boolean, .byDefault = "true"_L1,
     .help = "Tell the model which skills there are"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.includeSkillInstructions = flag(e); }},
    {.key = "features.*"_L1, .type = KeyType::Boolean,
     .help = "The reference's feature flags; most mean nothing here"_L1,
     .set = [](Draft &d, const Entry &e) { set(d.settings.features, e); }},
};
// clang-format on

} // namespace

std::span<const SettingKey> toolKeys()
{
    return table;
}

} // namespace nightshift::config::keys
