#pragma once
#include "host/agentsession.h"
#include "host/pathrules.h"

namespace nightshift::host {

/// The sessions of a script by the numbers that its JavaScript knows them by. Each call is an object with `handle` and
/// the `options` that the session is opened with when it is first spoken of.
class SessionCalls : public QObject
{
    Q_OBJECT

public:
    /// `program` is ours: it makes bundles.
    SessionCalls(batch::Runner &runner, Runs &runs, const PathRules &rules, const QString &program);
    void setScript(script::ScriptThread *script) { m_script = script; }
    /// Called when a script begins to listen to a session.
    void setListening(std::function<void()> listening) { m_listening = std::move(listening); }
    void addTo(script::HostModule &module);
    void stop();

private:
    using Verb = void (SessionCalls::*)(AgentSession &, JsonView, const script::Answer &);
    void call(Verb verb, const RawJson &text, const script::Answer &answer);
    Result<AgentSession *> session(JsonView call);
    Result<AgentSession::Origin> origin(JsonView options, const batch::PreparedItem &item) const;
    Result<AgentSession *> open(qint64 handle, JsonView options, std::optional<AgentSession::Origin> origin);

    void send(AgentSession &session, JsonView call, const script::Answer &answer);
    void steer(AgentSession &session, JsonView call, const script::Answer &answer);
    void cancel(AgentSession &session, JsonView call, const script::Answer &answer);
    void fork(AgentSession &session, JsonView call, const script::Answer &answer);
    void listen(AgentSession &session, JsonView call, const script::Answer &answer);
    void diff(AgentSession &session, JsonView call, const script::Answer &answer);
    void apply(AgentSession &session, JsonView call, const script::Answer &answer);
    void bundle(AgentSession &session, JsonView call, const script::Answer &answer);
    void close(AgentSession &session, JsonView call, const script::Answer &answer);

    batch::Runner &m_runner;
    Runs &m_runs;
    const PathRules m_rules;
    const QString m_program;
    script::ScriptThread *m_script = nullptr;
    std::function<void()> m_listening;
    std::map<qint64, AgentSession *> m_sessions;
};

} // namespace nightshift::host
