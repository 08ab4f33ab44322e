#include "mcp/servers.h"
#include "mcp/approval.h"
#include "mcp/resourcetool.h"
#include "tools/exectool.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

QString failureNotice(const Server &server)
{
    return u"The MCP server `%1` did not start: %2"_s.arg(server.name(), server.problem());
}

Servers::Servers(const Settings &settings, const Surroundings &surroundings, QObject *parent)
    : QObject(parent)
    , m_circumstances{.mode = settings.sandbox.mode,
                      .model = settings.modelInfo,
                      .replyTokens = tools::outputPolicyTokens(settings),
                      .tell = {}}
    , m_grace(settings.mcpOptionalStartupGrace)
{
    for (const McpServerSettings &each : settings.mcpServers) {
        if (!each.enabled)
            continue;
        auto *server = new Server(each, connector(each, settings, surroundings), this);
        connect(server, &Server::settled, this, [this, server] { onSettled(server); });
        connect(server, &Server::closed, this, &Servers::checkClosed);
        m_servers.push_back(server);
    }
}

static bool isAwaited(const Server *server)
{
    return server->settings().required || !server->settings().optional;
}

void Servers::start()
{
    QStringList names;
    for (Server *server : m_servers) {
        names += server->name();
        server->start();
    }
    emit progress(u"mcp: starting "_s + names.join(", "_L1));
    QTimer::singleShot(m_grace, this, [this] {
        m_isGraceOver = true;
        checkSettled();
    });
}

void Servers::onSettled(Server *server)
{
    const qsizetype count = qsizetype(server->introduction().tools.size());
    emit progress(
        server->isReady()
            ? u"mcp: %1 is ready, with %2 %3"_s.arg(server->name()).arg(count).arg(count == 1 ? "tool"_L1 : "tools"_L1)
            : u"mcp: %1 did not start: %2"_s.arg(server->name(), server->problem()));
    if (m_isSettled)
        emit lateSettled(server->isReady() ? QString() : failureNotice(*server));
    else
        checkSettled();
}

void Servers::checkSettled()
{
    const auto holdsUp = [this](const Server *server) {
        return !server->isSettled() && (isAwaited(server) || !m_isGraceOver);
    };
    if (m_isSettled || std::ranges::any_of(m_servers, holdsUp))
        return;
    m_isSettled = true;
    emit settled();
}

QString Servers::missing() const
{
    QStringList missing;
    for (const Server *server : m_servers) {
        if (server->settings().required && !server->problem().isEmpty())
            missing += server->name() + u": "_s + server->problem();
    }
    return missing.isEmpty() ? QString() : u"required MCP servers failed to initialize: "_s + missing.join(", "_L1);
}

QStringList Servers::notices() const
{
    QStringList notices;
    for (const Server *server : m_servers) {
        if (!server->problem().isEmpty())
            notices += failureNotice(*server);
    }
    return notices;
}

std::vector<Server *> Servers::ready() const
{
    std::vector<Server *> ready;
    std::ranges::copy_if(m_servers, std::back_inserter(ready), &Server::isReady);
    return ready;
}

std::vector<std::pair<QString, RemoteTool>> Servers::offered() const
{
    ToolNames names;
    std::vector<std::pair<QString, RemoteTool>> tools;
    for (const Server *server : ready()) {
        for (const RemoteTool &tool : server->introduction().tools) {
            if (isOffered(server->settings(), tool.name))
                tools.emplace_back(names.nameOf(server->name(), tool.name), tool);
        }
    }
    return tools;
}

std::vector<std::unique_ptr<tools::Tool>> Servers::takeTools(const tools::Tell &tell)
{
    Circumstances circumstances = m_circumstances;
    circumstances.tell = tell;
    std::vector<std::unique_ptr<tools::Tool>> tools;
    for (Server *server : ready()) {
        if (std::ranges::find(m_taken, server) == m_taken.end())
            addTools(server, circumstances, tools);
    }
    using What = ResourceTool::What;
    if (!m_taken.empty() && !std::exchange(m_hasResourceTools, true)) {
        for (const What what : {What::List, What::ListTemplates, What::Read})
            tools.push_back(std::make_unique<ResourceTool>(what, *this, circumstances));
    }
    return tools;
}

void Servers::addTools(Server *server, const Circumstances &circumstances,
                       std::vector<std::unique_ptr<tools::Tool>> &tools)
{
    m_taken.push_back(server);
    for (const RemoteTool &tool : server->introduction().tools) {
        if (isOffered(server->settings(), tool.name))
            tools.push_back(
                std::make_unique<McpTool>(m_names.nameOf(server->name(), tool.name), server, tool, circumstances));
    }
}

void Servers::close()
{
    m_open = m_servers.size() + 1; // one for ourselves, so that it ends from the event loop
    for (Server *server : m_servers)
        server->close();
    QMetaObject::invokeMethod(this, &Servers::checkClosed, Qt::QueuedConnection);
}

void Servers::checkClosed()
{
    if (m_open > 0 && --m_open == 0)
        emit closed();
}

} // namespace nightshift::mcp
