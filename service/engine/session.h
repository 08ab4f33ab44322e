#pragma once
#include "engine/briefing.h"
#include "engine/turn.h"

namespace nightshift::engine {

/// One conversation: verbs in, events out, at most one turn at a time. No logic of its own.
class Session : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        QString id;
        Settings settings;
        Briefing briefing;
        tools::Sandbox sandbox;
        QStringList environment; ///< Ours, NAME=value; the policy decides what commands see of it.
        std::unique_ptr<Ledger> ledger;
        QStringList notices; ///< What opening it had to say, beside the settings' own.
    };
    Session(Parts parts, llm::HttpClient &http, QObject *parent);

    const QString &id() const { return m_parts.id; }

    /// Emits SessionStarted and the notices; call it once, when the listeners are connected.
    void announce();
    struct Wishes
    {
        TurnLimits limits;
        std::optional<RawJson> outputSchema;
        FinalAnswer::Mismatch mismatch; ///< See TurnRequest.
        FinalAnswer::Render render;     ///< See TurnRequest.
    };
    /// Starts a turn; only when none is running.
    void submit(const UserInput &input, Wishes wishes = {});
    /// Ends the running turn, soon; its last event tells.
    void interrupt(const TurnError &why);

signals:
    void event(const nightshift::Event &event);
    /// After the turn's last event: nothing of it is alive.
    void turnEnded();

private:
    TurnRequest turnRequest(const UserInput &input, Wishes wishes) const;
    void remember() const;
    void tell(const Event &event);

    Parts m_parts;
    Model m_model;
    tools::ToolBox m_tools;
    Turn *m_turn = nullptr;
};

} // namespace nightshift::engine
