#include "base/credentials.h"
#include "mcp/httptransport.h"
#include "mcp/serverenvironment.h"
#include "mcp/servers.h"
#include "mcp/stdiotransport.h"
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

namespace {

/// The containment a server asks for, with what else the session's commands may do there.
SandboxPolicy policyOf(const McpServerSettings &server, const SandboxPolicy &session)
{
    using Containment = McpServerSettings::Containment;
    SandboxPolicy policy = session;
    policy.mode = server.sandbox == Containment::Off        ? SandboxPolicy::Mode::DangerFullAccess
                  : server.sandbox == Containment::ReadOnly ? SandboxPolicy::Mode::ReadOnly
                                                            : SandboxPolicy::Mode::WorkspaceWrite;
    return policy;
}

QString valueOf(const QStringList &environment, QLatin1StringView name)
{
    for (const QString &entry : environment) {
        if (entry.startsWith(name) && entry.size() > name.size() && entry[name.size()] == u'=')
            return entry.sliced(name.size() + 1);
    }
    return {};
}

Result<Transport *> startProgram(const McpServerSettings &server, const SandboxPolicy &session,
                                 const QString &workspace, const QStringList &environment, QObject *parent)
{
    const QString cwd = server.cwd.isEmpty() ? workspace : server.cwd;
    if (!QFileInfo(cwd).isDir())
        return fail(Error::Kind::NotFound, u"its working folder %1 does not exist"_s.arg(cwd));
    const auto sandbox =
        tools::Sandbox::prepare(policyOf(server, session), workspace, valueOf(environment, "TMPDIR"_L1));
    if (!sandbox)
        return std::unexpected(sandbox.error());
    return new StdioTransport(*sandbox, {QStringList{server.command} + server.args, cwd, environment}, parent);
}

Result<Transport *> reachServer(const McpServerSettings &server, llm::HttpClient *http, QObject *parent)
{
    const QUrl url(server.url);
    if ((url.scheme() != "http"_L1 && url.scheme() != "https"_L1) || url.host().isEmpty())
        return fail(Error::Kind::Invalid, u"its url %1 is not of http or https"_s.arg(withoutUrlSecrets(server.url)));
    if (!server.bearerTokenEnvVar.isEmpty() && server.bearerToken.isEmpty())
        return fail(Error::Kind::Invalid, u"Environment variable %1 for MCP server '%2' is not set"_s.arg(
                                              server.bearerTokenEnvVar, server.name));
    llm::HttpHeaders headers;
    if (!server.bearerToken.isEmpty())
        headers.emplace_back("authorization", "Bearer " + server.bearerToken.reveal());
    for (const auto &[name, value] : server.headers)
        headers.emplace_back(name.toLower().toUtf8(), value.toUtf8());
    return new HttpTransport(*http, server.url, std::move(headers), parent);
}

} // namespace

Server::Connect connector(const McpServerSettings &server, const Settings &settings,
                          const Servers::Surroundings &surroundings)
{
    return
        [server, session = settings.sandbox, cwd = settings.cwd, surroundings](QObject *parent) -> Result<Transport *> {
            if (!isServerName(server.name))
                return fail(Error::Kind::Invalid, u"its name may hold only letters, digits, `_` and `-`"_s);
            if (!server.url.isEmpty())
                return reachServer(server, surroundings.http, parent);
            return startProgram(server, session, cwd, serverEnvironment(surroundings.environment, server), parent);
        };
}

} // namespace nightshift::mcp
