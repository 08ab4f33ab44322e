#include "mcpcommand.h"
#include "app/exitcodes.h"
#include "app/help.h"
#include "app/networkloader.h"
#include "app/settingflags.h"
#include "app/stdoutwriter.h"
#include "app/terminaltext.h"
#include "base/credentials.h"
#include "base/shellwords.h"
#include "mcp/approval.h"
#include "mcp/servers.h"
#include <QEventLoop>
#include <QProcess>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

using json::object;

enum class Form { Text, Json };

int print(const QString &text)
{
    const QByteArray masked = withoutUrlSecrets(text.toUtf8());
    const bool isJson = masked.startsWith('{') || masked.startsWith('[');
    return int((isJson ? printJson(masked) : printText(QString::fromUtf8(masked))) == 0 ? ExitCode::Success
                                                                                        : ExitCode::OutputGone);
}

int refuse(const QString &message, ExitCode exitCode)
{
    sayLine(withoutUrlSecrets(message));
    return int(exitCode);
}

int misused(const QString &sentence)
{
    return refuse(usageError(sentence, Command::Mcp).message, ExitCode::Usage);
}

const char *containmentName(McpServerSettings::Containment sandbox)
{
    using Containment = McpServerSettings::Containment;
    return sandbox == Containment::Off ? "off" : sandbox == Containment::ReadOnly ? "read-only" : "workspace-write";
}

const char *approvalName(McpServerSettings::Approval approval)
{
    using Approval = McpServerSettings::Approval;
    return approval == Approval::Auto ? "auto" : approval == Approval::Prompt ? "prompt" : "approve";
}

std::optional<QString> given(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

RawJson transport(const McpServerSettings &server)
{
    if (!server.url.isEmpty())
        return object({{"type", "streamable_http"},
                       {"url", server.url},
                       {"bearer_token_env_var", json::orNull(given(server.bearerTokenEnvVar))}});
    return object({{"type", "stdio"},
                   {"command", server.command},
                   {"args", json::array(server.args)},
                   {"cwd", json::orNull(given(server.cwd))},
                   {"sandbox", containmentName(server.sandbox)}});
}

double inSeconds(std::chrono::milliseconds time)
{
    return double(time.count()) / 1000;
}

RawJson described(const McpServerSettings &server)
{
    const auto enabledTools = server.enabledTools ? std::optional(json::array(*server.enabledTools)) : std::nullopt;
    return object({{"name", server.name},
                   {"enabled", server.enabled},
                   {"required", server.required},
                   {"optional", server.optional},
                   {"transport", transport(server)},
                   {"startup_timeout_sec", inSeconds(server.startupTimeout)},
                   {"tool_timeout_sec", inSeconds(server.toolTimeout)},
                   {"enabled_tools", json::orNull(enabledTools)},
                   {"disabled_tools", json::array(server.disabledTools)},
                   {"default_tools_approval_mode", approvalName(server.approval)}});
}

QString traits(const McpServerSettings &server)
{
    QStringList traits{server.enabled ? u"enabled"_s : u"disabled"_s};
    if (server.required)
        traits += u"required"_s;
    if (server.optional)
        traits += u"optional"_s;
    if (server.sandbox != McpServerSettings::Containment::Off)
        traits += u"sandbox "_s + QLatin1StringView(containmentName(server.sandbox));
    return traits.join(", "_L1);
}

int list(const Settings &settings, Form form)
{
    if (form == Form::Json) {
        std::vector<RawJson> servers;
        std::ranges::transform(settings.mcpServers, std::back_inserter(servers), described);
        return print(QString::fromUtf8(json::array(servers).text) + u'\n');
    }
    if (settings.mcpServers.empty())
        return print(u"No MCP servers: the settings have no table [mcp_servers.NAME]\n"_s);
    qsizetype width = 0;
    for (const McpServerSettings &server : settings.mcpServers)
        width = qMax(width, server.name.size());
    QString text;
    for (const McpServerSettings &server : settings.mcpServers) {
        const QString where =
            server.url.isEmpty() ? shellQuoted(QStringList{server.command} + server.args) : server.url;
        text += u"%1  %2  (%3)\n"_s.arg(server.name.leftJustified(width), where, traits(server));
    }
    return print(text);
}

/// What becomes of a tool under these settings.
const char *fate(const McpServerSettings &server, const mcp::RemoteTool &tool, const Settings &settings)
{
    if (!mcp::isOffered(server, tool.name))
        return "not offered";
    return mcp::mayRun(server, tool, settings.sandbox.mode) ? "runs" : "refused";
}

/// Of a description as much as a line has room for.
QString firstWords(const QString &text)
{
    constexpr qsizetype most = 72;
    const QString line = printable(text.section(u'\n', 0, 0));
    return line.size() <= most ? line : line.left(most - 1) + u'…';
}

int report(const mcp::Server &server, const Settings &settings, Form form)
{
    const mcp::Introduction &self = server.introduction();
    mcp::ToolNames names;
    std::vector<RawJson> described;
    QString text = u"%1 is ready: %2, %3 tools; with sandbox mode %4:\n"_s.arg(
        server.name(), QString(self.name + u' ' + self.version).trimmed(), QString::number(self.tools.size()),
        sandboxModeName(settings.sandbox.mode));
    for (const mcp::RemoteTool &tool : self.tools) {
        const QString name = names.nameOf(server.name(), tool.name);
        const char *what = fate(server.settings(), tool, settings);
        described.push_back(object({{"name", name},
                                    {"tool", tool.name},
                                    {"description", tool.description},
                                    {"read_only", tool.readOnly},
                                    {"call", what}}));
        text +=
            u"  %1  %2  %3\n"_s.arg(QString::fromLatin1(what).leftJustified(11), name, firstWords(tool.description));
    }
    const RawJson whole = object({{"name", server.name()},
                                  {"ready", true},
                                  {"server", object({{"name", self.name}, {"version", self.version}})},
                                  {"tools", json::array(described)}});
    return print(form == Form::Json ? QString::fromUtf8(whole.text) + u'\n' : text);
}

int reportFailure(const mcp::Server &server, Form form)
{
    if (form == Form::Text)
        return refuse(mcp::failureNotice(server), ExitCode::Failure);
    const RawJson whole = object({{"name", server.name()}, {"ready", false}, {"problem", server.problem()}});
    const int printed = print(QString::fromUtf8(whole.text) + u'\n');
    return printed == int(ExitCode::Success) ? int(ExitCode::Failure) : printed;
}

int test(const Settings &settings, const QString &name, Form form)
{
    const auto found = std::ranges::find(settings.mcpServers, name, &McpServerSettings::name);
    if (found == settings.mcpServers.end()) {
        QStringList names;
        std::ranges::transform(settings.mcpServers, std::back_inserter(names), &McpServerSettings::name);
        return refuse(u"Error: there is no MCP server `%1` in the settings; there %2"_s.arg(
                          name, names.isEmpty() ? u"are none"_s : u"are "_s + names.join(", "_L1)),
                      ExitCode::Failure);
    }
    std::optional<NetworkLoader> network;
    std::unique_ptr<llm::HttpClient> http;
    if (!found->url.isEmpty()) {
        auto client = network.emplace(networkOptions(settings)).client();
        if (!client)
            return refuse(u"Error: "_s + client.error().message, ExitCode::Failure);
        http = std::move(*client);
    }
    mcp::Server server(*found, mcp::connector(*found, settings, {QProcess::systemEnvironment(), http.get()}), nullptr);
    QEventLoop loop;
    QObject::connect(&server, &mcp::Server::settled, &loop, &QEventLoop::quit);
    server.start();
    loop.exec();
    const int exitCode = server.isReady() ? report(server, settings, form) : reportFailure(server, form);
    QObject::connect(&server, &mcp::Server::closed, &loop, &QEventLoop::quit);
    server.close();
    loop.exec();
    return exitCode;
}

} // namespace

int runMcp(const McpOptions &options)
{
    QStringList words = options.arguments;
    if (options.command.isEmpty() || options.command == "help"_L1 || words.contains(u"--help"_s) ||
        words.contains(u"-h"_s))
        return print(helpText(Command::Mcp));
    const Form form = words.removeAll(u"--json"_s) > 0 ? Form::Json : Form::Text;
    const bool isTest = options.command == "test"_L1;
    if (!isTest && options.command != "list"_L1)
        return misused(u"unrecognized subcommand '%1'"_s.arg(options.command));
    if (isTest && words.isEmpty())
        return misused(u"the following required arguments were not provided:\n  <NAME>"_s);
    if (words.size() > (isTest ? 1 : 0))
        return misused(u"unexpected argument '%1' found"_s.arg(words.last()));
    const auto loaded = loadSettings(options.settings);
    if (!loaded)
        return refuse(u"Error: "_s + loaded.error().message, ExitCode(loaded.error().exitCode));
    return isTest ? test(loaded->settings, words.first(), form) : list(loaded->settings, form);
}

} // namespace nightshift::app
