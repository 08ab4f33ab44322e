#pragma once
#include "engine/approvals.h"
#include "engine/consultation.h"
#include "engine/hookevents.h"
#include "tools/toolbox.h"
#include "wire/threadencoder.h"
#include <map>

namespace nightshift::engine {

/// Who may decide before something happens in a session: the rules first, which the tools keep, then the hooks in
/// their order, then whoever can approve. Made only for sessions that have hooks, or whose settings let the model
/// ask.
class Gate : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        const Settings &settings;
        QString sessionId;
        QString transcript; ///< Path of the log; empty without one.
        tools::ToolBox &tools;
        HookSources hooks;
        commands::ParseScript parse;
        QString beginning; ///< How the session began: "startup", "resume".
    };
    Gate(Parts parts, QObject *parent);
    ~Gate() override;

    /// As ToolBox::call(), for a call that is judged first.
    tools::ToolJob *call(const ToolCall &call, QObject *parent);
    /// The same for a call whose approval an earlier process has asked for.
    tools::ToolJob *resume(const ToolCall &call, const Approval &approval, QObject *parent);

    /// Whether any hook is asked at that moment.
    bool asks(HookMoment moment) const { return hooks::Round::isWorthwhile(m_parts.hooks, moment); }
    Consultation *consult(Consultation::Subject subject, QObject *parent);
    /// Tells the hooks that only watch.
    void observe(const Event &event);

    HookPlace place() const;
    void setTurn(const QString &turnId) { m_turnId = turnId; }
    const Parts &parts() const { return m_parts; }
    Approvals &approvals() { return m_approvals; }

    /// How the session began, for the first who asks; then empty.
    QString takeBeginning() { return std::exchange(m_parts.beginning, {}); }
    /// What hooks want the model to be told, since this was last asked for.
    QStringList takeContexts() { return std::exchange(m_contexts, {}); }
    void addContexts(const QStringList &contexts) { m_contexts += contexts; }

    /// Somebody outside is waited for, and the turn's clock stands still until each wait has ended.
    void beginWait() { emit waitBegan(); }
    void endWait() { emit waitEnded(); }
    /// The turn is to end: what is still judged will not run, and nobody need be waited for.
    void withdraw() { emit withdrawn(); }
    /// A hook wants the turn to fail.
    void abort(const QString &why) { emit aborted({FailureCode::HookDenied, why}); }

signals:
    void event(const nightshift::Event &event);
    void waitBegan();
    void waitEnded();
    void withdrawn();
    void aborted(const nightshift::TurnError &why);

private:
    Parts m_parts;
    QString m_turnId;
    Approvals m_approvals;
    QStringList m_contexts;
    wire::ThreadEncoder m_encoder;
    std::map<qint64, std::unique_ptr<HookJob>> m_observers; ///< Told, and not done with it.
    qint64 m_told = 0;
};

} // namespace nightshift::engine
