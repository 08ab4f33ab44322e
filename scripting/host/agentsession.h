#pragma once
#include "batch/checkrun.h"
#include "batch/sessionrun.h"
#include "host/runs.h"
#include "host/turnask.h"
#include "wire/threadencoder.h"

namespace nightshift::host {

/// A session that a script holds in its hands: turns one after the other, each when there is a place for it.
class AgentSession : public QObject
{
    Q_OBJECT

public:
    /// What a session begins from; nothing of it for a new one.
    struct Origin
    {
        QString log; ///< Of the session that goes on, or that is forked.
        batch::SessionRun::Order::Way way = batch::SessionRun::Order::Way::New;
        std::optional<qint64> atTurn; ///< Of a fork.
        QString id;                   ///< Of the session that goes on.
        batch::Transcript before;
    };
    AgentSession(batch::Runner &runner, Runs &runs, batch::PreparedItem item, Origin origin, QObject *parent);
    ~AgentSession() override;

    /// A turn.
    void send(const TurnAsk &ask, const script::Answer &answer);
    /// Says something to whom works, before the model is asked next; what the turn under way cannot take in any more
    /// is said right after it.
    Result<> steer(const UserInput &input);
    /// Ends the turn under way, whose commands get `grace` to end themselves, and takes back those that wait.
    void cancel(const TurnError &why, std::chrono::milliseconds grace = {});
    /// What a fork of it begins from, from now on or at the end of an earlier turn; only when it has had a turn.
    Result<Origin> fork(std::optional<qint64> atTurn) const;
    /// What an isolated session has come to.
    Result<QString> diff();
    /// Runs a command in the tree of an isolated session, contained as the session's own were, but that it may write
    /// there.
    Result<batch::CheckRun *> check(const QStringList &argv);
    /// The folder that its commands run in.
    const QString &cwd() const { return m_settings.cwd; }
    const QString &id() const { return m_origin.id; }
    QString state() const { return m_item.settings.home.state; }

signals:
    /// As `exec --json` prints it.
    void event(const nightshift::RawJson &event);

private:
    struct Send
    {
        TurnAsk ask;
        std::vector<script::Answer> answers; ///< Of those, too, who joined the turn.
        void answer(const Result<RawJson> &result) const;
    };
    Result<> returnToItsPlace();
    Result<> goToANewPlace();
    Result<> settleIn(Result<batch::Workplace> place);
    bool joins(const TurnAsk &ask, const script::Answer &answer);
    bool replaces(const TurnAsk &ask, const script::Answer &answer);
    void next();
    void begin();
    Result<batch::SessionRun::Order> order(const TurnAsk &ask);
    void launch(batch::SessionRun::Order order);
    void onEvent(const Event &event);
    void onFinished();
    /// `limit` is the one that forbids it, where it is none that ends turns.
    void refuse(const TurnError &error, const QString &limit = {});
    bool goOn(const batch::Transcript &transcript);
    void end(const RawJson &result);

    batch::Runner &m_runner;
    Runs &m_runs;
    const batch::PreparedItem m_item;
    Settings m_settings; ///< In its own tree.
    batch::Budget m_sessionBudget;
    Origin m_origin; ///< Of the next turn.
    batch::Workplace m_place;
    bool m_isPlaced = false;
    std::optional<batch::Budget> m_budget; ///< Of the turn under way.
    Usage m_charged;
    qint64 m_chargedRequests = 0;
    bool m_wantsJson = false;
    std::deque<Send> m_sends; ///< The first is under way once it began.
    bool m_isBusy = false;
    bool m_isInside = false; ///< It has a place among the runs.
    batch::SessionRun *m_run = nullptr;
    wire::ThreadEncoder m_encoder;
    std::vector<UserInput> m_steers; ///< What the turn under way did not take in: said right after it.
    Usage m_usage;                   ///< Of the turns that answer one send.
    Usage m_total;
    qint64 m_turns = 0;
};

} // namespace nightshift::host
