#pragma once
#include "engine/gate.h"

namespace nightshift::engine {

/// What the hooks say before a turn's first request.
struct TurnOpening
{
    std::optional<TurnError> denial;
    QStringList sessionContexts; ///< For the model, before the prompt.
    QStringList promptContexts;  ///< Behind it.
};

/// The hooks at the beginning and at the end of one turn. Each question is answered by one signal, from the event loop.
class TurnHooks : public QObject
{
    Q_OBJECT

public:
    TurnHooks(Gate &gate, QObject *parent);
    ~TurnHooks() override;

    /// opened() follows.
    void open(const UserInput &input);
    /// The model gave its last answer; closed() follows. False when nobody wants to know.
    bool close(const QString &lastMessage);
    /// Withdraws the question under way; its signal does not come.
    void cancel();
    bool isAsking() const { return m_consultation; }

signals:
    void opened(const nightshift::engine::TurnOpening &opening);
    /// With `again`, the model has to go on: a message for it.
    void closed(const std::optional<QString> &again);

private:
    using Reaction = void (TurnHooks::*)(const Advice &);
    void consult(HookMoment moment, std::function<RawJson()> event, Reaction reaction);
    void askAboutPrompt(const Advice &ofSession);
    void onPromptAdvised(const Advice &advice);
    void onEndAdvised(const Advice &advice);
    void release();

    Gate &m_gate;
    UserInput m_input;
    TurnOpening m_opening;
    TurnOutcome m_outcome;
    Consultation *m_consultation = nullptr;
};

} // namespace nightshift::engine
