#pragma once
#include "commands/script.h"
#include "engine/briefing.h"
#include "engine/pendingapprovals.h"
#include "engine/tooltape.h"
#include "engine/turn.h"
#include "mcp/servers.h"

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
        commands::ParseScript parseScript; ///< Empty: commands are neither described nor, without rules, judged.
        HookSources hooks;                 ///< Asked before things happen.
        bool isResumed = false;
        std::optional<WaitingTurn> waiting = {}; ///< That an earlier process left open.
        std::shared_ptr<ToolTape> tape = {};     ///< Where its commands are kept, or answered from.
        QStringList notices = {};                ///< What opening it had to say, beside the settings' own.
    };
    Session(Parts parts, llm::HttpClient &http, QObject *parent);
    ~Session() override;

    const QString &id() const { return m_parts.id; }
    const Settings &settings() const { return m_parts.settings; }
    QString path() const { return m_parts.ledger->path(); } ///< Of the log; empty without one.
    const std::optional<Error> &failure() const { return m_parts.ledger->failure(); } ///< Of writing it.

    /// Offers the tools of these servers, too, which have settled; before announce().
    void use(std::unique_ptr<mcp::Servers> servers);
    /// Before anything runs: what commands print is recorded as it comes, and the diff of what patches change is told
    /// and recorded, so that they can be shown again so.
    void keepOutput() { m_parts.ledger->keepOutput(); }
    /// Emits SessionStarted and the notices; call it once, when the listeners are connected.
    void announce();
    /// What was asked beside the conversation; after announce(), before a turn.
    void answer(const QuestionAnswered &answer) { tell(answer); }
    /// Records a fact that is no event of a turn, as an event_msg line.
    void note(const RawJson &payload) { m_parts.ledger->note("event_msg", payload); }
    /// Adds to the conversation what the user said when no turn took it in; between turns only.
    void addInput(const UserInput &input);
    struct Wishes
    {
        QString turnId;         ///< Empty: a new one.
        QByteArray traceParent; ///< See TurnRequest.
        TurnLimits limits;
        std::optional<RawJson> outputSchema;
        decltype(TurnRequest::refusal) refusal; ///< See TurnRequest.
        LastMessage::Mismatch mismatch;         ///< See TurnRequest.
        LastMessage::Render render;             ///< See TurnRequest.
        std::optional<ReviewWish> review;
        bool goesOn = false; ///< There is no input: the model is asked where the conversation stands.
    };
    /// A turn runs; also when its last event was told, and is only not known to be on the disk yet.
    bool isBusy() const { return m_turn != nullptr; }
    /// Starts a turn; only when none is running.
    void submit(const UserInput &input, Wishes wishes);
    void submit(const UserInput &input) { submit(input, {}); }
    /// Goes on with the turn that an earlier process left waiting for approvals; false when there is none. Else
    /// turnEnded() follows as after submit().
    bool goOnWaiting();
    /// Somebody decides about an approval that the running turn waits for. NotFound, Denied or Timeout when there is
    /// no such, or no more.
    Result<> answer(const QString &approvalId, const ApprovalAnswer &answer);
    std::vector<Approval> pendingApprovals() const;
    /// What the user says while a turn runs; the model is told when it is asked next. False when it will not be.
    bool steer(const UserInput &input);
    /// Ends the running turn, soon; its last event tells. Its commands are asked to end, and get `grace` to do it.
    void interrupt(const TurnError &why, std::chrono::milliseconds grace = {});
    /// Stops the clock of the running turn's time limit while it waits for what is not its own, and starts it again.
    void holdClock();
    void releaseClock();
    /// Ends what outlives turns; closed() follows. Only when no turn is running.
    void close();

signals:
    void event(const nightshift::Event &event);
    /// After the turn's last event: nothing of it is alive.
    void turnEnded();
    void closed();

private:
    void openGate();
    void startTurn(TurnRequest request);
    void addServerTools();
    void closeServers();
    std::vector<HistoryItem> itemsOf(const UserInput &input) const;
    TurnRequest turnRequest(const UserInput &input, Wishes wishes) const;
    void remember();
    void tell(const Event &event);

    Parts m_parts;
    std::unique_ptr<mcp::Servers> m_servers; ///< Null when the settings name none. Outlives the tools.
    Model m_model;
    tools::ToolBox m_tools;
    std::unique_ptr<Gate> m_gate; ///< Null where nobody decides but the settings.
    Turn *m_turn = nullptr;
    QString m_title; ///< In lists: the first prompt, once there is one.
};

} // namespace nightshift::engine
