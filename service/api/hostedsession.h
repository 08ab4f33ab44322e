#pragma once
#include "api/facts.h"
#include "api/problemof.h"
#include "api/sessionlog.h"
#include "api/sessionopener.h"

namespace nightshift::api {

/// A session that works here: one engine session while there is something to do, and what waits for it, which stands
/// in the log and nowhere else.
///
///   Idle --(input)--> Opening --(servers settled)--> Running --(turn ended, more waits)--> Running
///     ^                                                 │ (nothing waits)
///     └──────────────(engine session gone)───────── Closing
class HostedSession : public QObject
{
    Q_OBJECT

public:
    /// All outlive it; `opened` is the engine session of one just made, else null.
    HostedSession(SessionOpener &opener, SessionLog &log, engine::Session *opened, QObject *parent);
    ~HostedSession() override;

    const QString &id() const { return m_log.view().id; }
    const SessionView &view() const { return m_log.view(); }
    SessionLog &log() { return m_log; }
    /// Null while nothing is done.
    engine::Session *session() const { return m_session; }
    /// Of the turn that runs, until its end is on the disk; empty else.
    const QString &turnId() const { return m_turnId; }
    bool isBusy() const { return view().running() || !view().queue.empty(); }

    struct Accepted
    {
        QString turnId;
        QByteArray as;       ///< queue | steer | replace
        qint64 position = 0; ///< Among those that wait, from 1; 0 for what joins the running turn.
        qint64 after = 0;    ///< The log's end before it.
    };
    /// Records the input, which then is done however this process ends.
    http::Judged<Accepted> accept(const TurnOptions &turn);

    struct Cancellation
    {
        QString turnId;      ///< Empty: the one that runs.
        bool queued = false; ///< With those that wait.
        std::chrono::milliseconds grace{};
        TurnError why;
    };
    /// False when there was nothing to cancel. What runs has ended when its last event says so.
    http::Judged<bool> cancel(const Cancellation &what);
    /// Records facts; of an idle session, too.
    http::Judged<void> note(const std::vector<RawJson> &facts);
    /// No input is taken any more; the log says so once what is done, or waits, has ended.
    void close(const QString &reason);
    /// Who pays for a turn is asked before each of its requests; see engine::TurnRequest.
    using Refusal = std::function<std::optional<LimitReached>(const QString &turnId, double costUsd)>;
    void setRefusal(Refusal refusal) { m_refusal = std::move(refusal); }
    /// A turn is asked about before it begins, for it may have waited long: why it does not. See
    /// AccessControl::refusedStart().
    using Admission = std::function<std::optional<Withdrawn>(const TurnView &turn)>;
    void setAdmission(Admission admission) { m_admission = std::move(admission); }
    /// Ends what waits and may not begin any more.
    void recheckQueue();
    /// Told how long each line took to be written.
    void setAppendMeter(std::function<void(double seconds)> meter) { m_appendMeter = std::move(meter); }
    /// A turn that a lost server left waiting is about to go on, once its tools are there.
    bool isRecovering() const { return m_opening && view().running(); }
    /// Writes the ending that a lost process could not write; then does what waits.
    void recover();
    /// Does what waits, or lets go of the log.
    void goOn();
    /// Begins nothing more; what waits stays in the log.
    void hold() { m_held = true; }

signals:
    /// The next thing is that its model is asked.
    void turnBegins(const QString &turnId);
    void turnEnded(const QString &turnId);
    /// A model's answer was paid for.
    void charged(const QString &turnId, double costUsd);
    /// Nothing runs and nothing waits, or nothing more is begun, and the log is released.
    void settled();

private:
    http::Judged<void> open(engine::OpenTurns turns = engine::OpenTurns::Close);
    bool goOnWaiting();
    void goOnUnasked();
    void onEvent(const Event &event);
    bool waitsForBudget();
    void settle();
    void afterRelease();
    void use(engine::Session *session);
    void begin();
    std::optional<Withdrawn> refusedStart(const TurnView &turn) const;
    void onServersSettled();
    void start();
    template <typename Why>
    void failNext(const Why &why);
    void onTurnEnded();
    void release();
    void drop();

    SessionOpener &m_opener;
    SessionLog &m_log;
    engine::Session *m_session = nullptr;
    std::unique_ptr<mcp::Servers> m_servers; ///< Until the session has them.
    bool m_opening = false;                  ///< Servers start.
    bool m_announced = false;                ///< The log says that this process goes on with the session.
    bool m_ready = false;                    ///< The engine session has its servers.
    bool m_closing = false;
    bool m_held = false;
    bool m_settled = false;               ///< Let go of for good; another may host the session by now.
    QString m_turnId;                     ///< Of the turn that runs.
    std::optional<QString> m_closeReason; ///< It is to be closed.
    QString m_lostToken;                  ///< Whose turn a lost process ran.
    std::optional<TurnError> m_cancelled; ///< The turn that waits for its tools is not to go on.
    double m_paid = 0;                    ///< The session's cost so far, in US dollars.
    Refusal m_refusal;
    Admission m_admission;
    std::function<void(double seconds)> m_appendMeter;
};

} // namespace nightshift::api
