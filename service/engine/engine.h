#pragma once
#include "engine/beginnings.h"
#include "engine/reopening.h"
#include "engine/sandboxes.h"
#include "engine/session.h"
#include <functional>

namespace nightshift::engine {

enum class Persist { No, Yes };

/// Opens sessions and owns them, with what they share.
class Engine : public QObject
{
    Q_OBJECT

public:
    /// `environment` is ours, NAME=value; the policy of each session decides what its commands see.
    Engine(llm::HttpClient &http, QStringList environment, store::Decompress decompress, QObject *parent = nullptr);

    /// How commands are read, for sessions opened from now on; without it rules cannot be kept.
    void setScriptParser(commands::ParseScript parse) { m_parseScript = std::move(parse); }

    /// Who waits for the disk at the end of turns, of sessions opened from now on; without it they wait themselves.
    void setSync(Sync sync) { m_sync = std::move(sync); }

    /// Whether logs of sessions made from now on are chains.
    void setChain(store::Rollout::Chain chain) { m_chain = chain; }

    /// Who is asked in sessions opened from now on, before the hooks of their own settings.
    void setHooks(HookSources hooks) { m_hooks = std::move(hooks); }

    /// Where commands of sessions opened from now on are kept, or answered from; null for neither.
    void setToolTape(std::shared_ptr<ToolTape> tape) { m_tape = std::move(tape); }

    /// Starts the MCP servers of the settings, over `http` those that have a URL; null when there are none. Once they
    /// have settled, give them to a session.
    std::unique_ptr<mcp::Servers> startServers(const Settings &settings, llm::HttpClient *http) const;

    /// A new session; with its log's first line on disk unless it is not to persist.
    Result<Session *> create(Settings settings, Persist persist);
    /// The session recorded in `rollout`, from where it ended. What a lost process left open is closed first.
    /// With Keep a turn that waits for approvals stays open: Session::goOnWaiting().
    Result<Session *> resume(const QString &rollout, Settings settings, Persist persist,
                             OpenTurns turns = OpenTurns::Close);

    /// A new session whose history is a copy of the recorded one's, so that it stands alone; with `atTurn` of what it
    /// was after that turn, counted from 1.
    Result<Session *> fork(const QString &rollout, const Settings &settings, Persist persist,
                           std::optional<qint64> atTurn = {});

private:
    Result<std::unique_ptr<Ledger>> record(const store::SessionMeta &meta, const Settings &settings,
                                           Persist persist) const;
    Result<Session *> open(Session::Parts parts);

    llm::HttpClient &m_http;
    const QStringList m_environment;
    Beginnings m_beginnings;
    const store::Decompress m_decompress;
    Sandboxes m_sandboxes;
    commands::ParseScript m_parseScript;
    HookSources m_hooks;
    std::shared_ptr<ToolTape> m_tape;
    Sync m_sync;
    store::Rollout::Chain m_chain = store::Rollout::Chain::No;
};

} // namespace nightshift::engine
