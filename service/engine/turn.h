#pragma once
#include "engine/answer.h"
#include "engine/asides.h"
#include "engine/compaction.h"
#include "engine/nearbyinstructions.h"
#include "engine/opencalls.h"
#include "engine/pendingapprovals.h"
#include "engine/turnclock.h"
#include "engine/turnhooks.h"
#include "tools/toolbox.h"
#include <functional>

namespace nightshift::engine {

/// What a turn is asked to do beside answering.
struct TurnRequest
{
    QString turnId;
    QByteArray traceParent; ///< Passed on with each request to the model; empty: nobody follows the turn.
    UserInput input;
    bool goesOn = false;                 ///< There is no input.
    History context;                     ///< What a new session would be told first.
    std::vector<HistoryItem> items;      ///< What enters the conversation first: context that is new, the input.
    std::optional<RawJson> turnContext;  ///< The log's record of the settings this turn runs under.
    std::optional<RawJson> outputSchema; ///< The shape its last message must have.
    /// Who pays is asked before each request, told what it costs at least; answers with the limit when nobody does.
    /// Absent: it is paid for.
    std::function<std::optional<LimitReached>(double costUsd)> refusal;
    std::vector<PendingCall> pending; ///< The turn goes on where an earlier process waited for these.
    TurnLimits limits;
    LastMessage::Mismatch mismatch; ///< Set together with outputSchema.
    LastMessage::Render render;     ///< Nothing shows a message as it is.
    std::optional<ReviewWish> review;
    Asides::Diffs diffs = Asides::Diffs::No; ///< What patches change is told as one diff.
};

/// Asks the model, runs the tools it calls, and asks again until it calls none.
///
///   Asking --(answer complete, calls open)--> Calling --(all answered)--> Asking
///   any    --(the conversation is too long)--> Compacting --> Asking
///   Asking --(it failed, and may heal)--> Waiting --(time is up, all calls answered)--> Asking
///   Asking --(answer complete, no calls)--> Ending
///   Asking --(answer complete, a hook sends it back)--> Asking
///   any    --(a limit is reached)--> Asking once more, without tools --> Ending
///   any    --(it cannot heal | interrupt())--> Ending --(no call, no command is alive)--> finished
///
/// Calls start while the answer still streams. What was shown is in the history at that moment, and so
/// stays there when the stream is cut: a repeated request carries it. Every call gets an answer, whatever
/// happens; exactly one of TurnCompleted and TurnFailed is the last event.
class Turn : public QObject
{
    Q_OBJECT

public:
    /// `gate` is null where nobody decides but the settings.
    Turn(const Settings &settings, Model &model, tools::ToolBox &tools, Ledger &ledger, Gate *gate, QObject *parent);

    void start(TurnRequest request);
    /// Takes effect from the event loop, so a listener may ask for it inside an event. Commands are asked to end, and
    /// get `grace` to do it.
    void interrupt(const TurnError &why, std::chrono::milliseconds grace = {});
    /// What the user says meanwhile: the model is told when it is asked next. False when it will not be asked again.
    bool add(const UserInput &input, std::vector<HistoryItem> items);
    /// Time that passes between the two does not count against the time limit.
    void holdClock() { m_clock.hold(); }
    void releaseClock() { m_clock.release(); }

signals:
    void event(const nightshift::Event &event);
    void finished();

private:
    void goOnWaiting();
    void follow(tools::ToolJob *job, const ToolCall &call);
    void enter(const TurnOpening &opening);
    void ask();
    std::vector<RawJson> offeredTools();
    void compact();
    void onCompacted(const std::optional<TurnError> &error);
    void onAnswered(const std::optional<llm::ModelFailure> &failure);
    void warn();
    void endFor(const llm::ModelFailure &failure);
    void startCall(const ToolCall &call);
    void onCalled(const CallId &id, const ToolAnswer &answer);
    void goOn();
    bool asksAgainForItsSchema();
    void concludeWell();
    void onHooksClosed(const std::optional<QString> &again);
    void onTimeUp();
    void conclude(const LimitReached &limit);
    bool isPaidFor();
    void stop(const TurnError &why, std::chrono::milliseconds grace);
    void takeAdditions();
    void stopAsking();
    void stopWork();
    void end(std::optional<TurnError> error);
    void onSettled();

    void tell(const Event &event);
    void put(const Event &event);
    void commit(HistoryItem::Kind kind, const RawJson &item, const CallId &call = {});
    void answerCalls();

    const Settings &m_settings;
    Model &m_model;
    tools::ToolBox &m_tools;
    Ledger &m_ledger;
    Gate *m_gate;
    TurnHooks *m_hooks = nullptr; ///< Null together with the gate.

    TurnRequest m_request;
    TurnClock m_clock;
    Answer *m_answer = nullptr;
    Repeats m_repeats; ///< Of the request under way.
    OpenCalls m_calls; ///< Of the last answer.
    Spending m_spending;
    std::optional<TurnError> m_limit; ///< Reached: the answer under way is the last, and may call nothing.
    Compaction *m_compaction = nullptr;
    bool m_overflowed = false; ///< The server found the conversation too long.
    bool m_mustAsk = true;     ///< The turn cannot end before another answer.
    LastMessage m_lastMessage;
    Asides m_asides;
    NearbyInstructions m_nearby;
    std::vector<std::pair<UserInput, std::vector<HistoryItem>>> m_additions;
    std::optional<TurnError> m_stopping; ///< Why it will end, once its commands had their grace.
    bool m_ending = false;
    std::optional<TurnError> m_error; ///< Why it is ending, when it fails.
};

} // namespace nightshift::engine
