#pragma once
#include "batch/budget.h"
#include "batch/judging.h"
#include "batch/resume.h"
#include "batch/sessionrun.h"
#include "batch/workplace.h"
#include <QElapsedTimer>

namespace nightshift::batch {

class Runner;
class GovernedClient;

/// An item that is ready to start, and what is to become of it.
struct PreparedItem
{
    Options options; ///< With its key.
    qint64 index = 0;
    Settings settings;
    Fingerprint fingerprint;
    QString check;  ///< As the journal has it.
    QString prefix; ///< Items whose requests begin alike have the same.
    Decision decision;
};

/// One item: attempts of sessions, each judged by the caller's check, until one went well or none is left.
///
///   Waiting for its prefix --> Attempt --> Check --(failed, may be repeated)--> Back-off --> Attempt
///                                            '--> finished, once
///
/// Emits finished() exactly once, from the event loop. Deleting it cancels the item without a word; the journal
/// then has it as begun.
class ItemRun : public QObject
{
    Q_OBJECT

public:
    using Verdict = Judging::Verdict;
    using Judge = Judging::Judge; ///< A check that is no command.

    /// `above` is what it charges, too.
    ItemRun(Runner &runner, PreparedItem item, Budget &above, QObject *parent);
    ~ItemRun() override;

    const QString &key() const { return m_item.options.key; }
    /// Before the event loop runs again.
    void setJudge(Judge judge) { m_judge = std::move(judge); }
    /// Ends it soon; finished() tells. What ends as interrupted or cancelled is not done, and can be continued.
    /// `limit` is that of the batch, when it was reached: "batch.wall_s".
    void interrupt(const TurnError &why, const QString &limit = {});

signals:
    void opened(const QString &sessionId);
    void event(const nightshift::Event &event);
    /// A server refuses requests of this item until about `retryAt` (milliseconds since 1970).
    void waitStarted(qint64 retryAt);
    void waitEnded();
    void finished(const nightshift::batch::ItemResult &result);

private:
    enum class Way { New, Fork };
    void begin();
    void attempt(Way way);
    bool continueOpen();
    void recheck();
    void leaveEarlierTrees();
    void launch(SessionRun::Order order);
    SessionRun::Order order() const;
    void onOpened(const QString &sessionId);
    void onEvent(const Event &event);
    void onSessionEnded();
    void takeOutcome(Transcript transcript, const QString &session);
    void collectDiff();
    void judge();
    void onJudged(const std::optional<QString> &failure);
    void endAttempt();
    bool mayRepeat() const;
    void fail(const TurnError &error);
    void finish();
    void keepResult();

    Runner &m_runner;
    const PreparedItem m_item;
    Judge m_judge;
    Budget m_budget;
    Settings m_settings; ///< Those of the attempt, in its own tree.
    Workplace m_place;
    ItemResult m_result;
    Attempt m_attempt;
    SessionRun *m_session = nullptr;
    Judging *m_judging = nullptr;
    GovernedClient *m_client = nullptr;
    Usage m_charged;
    qint64 m_chargedRequests = 0;
    QTimer m_pause; ///< Before the next attempt.
    QElapsedTimer m_age;
    QElapsedTimer m_attemptAge;
    std::optional<TurnError> m_interrupted;
    QString m_limitAbove; ///< Of the batch, when that was why.
    bool m_isEnding = false;
};

} // namespace nightshift::batch
