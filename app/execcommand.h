#pragma once
#include "app/execstart.h"
#include "app/finalanswer.h"
#include "app/networkloader.h"
#include "app/runview.h"
#include "engine/engine.h"

namespace nightshift::app {

/// `nightshift exec`: one turn of one session, from the options to an exit code.
class ExecCommand : public QObject
{
    Q_OBJECT

public:
    explicit ExecCommand(ExecOptions options);
    /// Runs the event loop; what it returns is the process's exit code.
    int run();

private:
    std::expected<void, StartError> start();
    Result<llm::HttpClient *> http(const Settings &settings);
    void loadNetwork(const Settings &settings);
    Result<> checkLocalModel(const Settings &settings);
    Result<llm::HttpClient *> serverHttp(const Settings &settings);
    std::expected<void, StartError> makeEngine();
    std::expected<void, StartError> openHooks();
    void onServersSettled();
    void leaveServers(int exitCode);
    std::expected<void, StartError> begin();
    std::expected<engine::Session *, StartError> openSession();
    Result<engine::Session *> openTarget(engine::Persist persist);
    Result<std::vector<RawJson>> earlierMessages() const;
    void onEvent(const Event &event);
    void onTurnEnded();
    void onClosed();
    void onSignal(int signal);
    void onOutputGone();
    void endFromOutside(int exitCode, const QString &why);

    const ExecOptions m_options;
    std::optional<NetworkLoader> m_network; ///< None for the demonstration.
    ExecPlan m_plan;
    StdoutWriter m_stdout;
    std::unique_ptr<RunView> m_view;
    std::unique_ptr<llm::HttpClient> m_http;
    std::unique_ptr<llm::HttpClient> m_serverHttp; ///< Of MCP servers, where m_http reaches no network.
    std::unique_ptr<engine::Engine> m_engine;
    std::unique_ptr<mcp::Servers> m_servers; ///< Until the session has them.
    engine::Session *m_session = nullptr;
    QString m_resumed; ///< The log of the session that is resumed.
    FinalAnswer m_answer;
    std::optional<int> m_exitCode; ///< Set by what ended the run from outside: a signal, a reader that left.
};

} // namespace nightshift::app
