#pragma once
#include "llm/httpclient.h"
#include "mcp/mcptool.h"
#include "mcp/toolnames.h"

namespace nightshift::mcp {

/// The MCP servers of one session: started together, closed together.
class Servers : public QObject
{
    Q_OBJECT

public:
    /// What servers run in and are reached through.
    struct Surroundings
    {
        QStringList environment; ///< Of our own process, NAME=value.
        llm::HttpClient *http = nullptr;
    };
    Servers(const Settings &settings, const Surroundings &surroundings, QObject *parent = nullptr);

    /// Starts all that are enabled. settled() follows, once the first request to a model may go out: every server is
    /// ready or has failed, but for optional ones, which get their grace time only.
    void start();

    /// "required MCP servers failed to initialize: NAME: why"; empty when all of them stand.
    QString missing() const;
    /// A sentence for each other server that has failed.
    QStringList notices() const;
    /// Those that can be asked, by name.
    std::vector<Server *> ready() const;

    /// Their tools, by the names that models call them by.
    std::vector<std::pair<QString, RemoteTool>> offered() const;

    /// The tools of those that are ready and were not asked for before, then those that read resources.
    std::vector<std::unique_ptr<tools::Tool>> takeTools(const tools::Tell &tell);

    /// Ends all of them in good order; closed() follows, from the event loop.
    void close();

signals:
    void settled();
    /// An optional server became ready, or failed, after that.
    void lateSettled(const QString &notice);
    /// For a person who waits: what starts, stands or fails.
    void progress(const QString &line);
    void closed();

private:
    void onSettled(Server *server);
    void checkSettled();
    void checkClosed();
    void addTools(Server *server, const Circumstances &circumstances, std::vector<std::unique_ptr<tools::Tool>> &tools);

    Circumstances m_circumstances;
    std::chrono::milliseconds m_grace;
    std::vector<Server *> m_servers;
    std::vector<Server *> m_taken; ///< Whose tools were given out.
    ToolNames m_names;
    bool m_isGraceOver = false;
    bool m_isSettled = false;
    bool m_hasResourceTools = false;
    size_t m_open = 0; ///< How many have yet to close.
};

/// How one server is connected to.
Server::Connect connector(const McpServerSettings &server, const Settings &settings,
                          const Servers::Surroundings &surroundings);

/// "the MCP server `x` did not start: why"
QString failureNotice(const Server &server);

} // namespace nightshift::mcp
