#pragma once
#include "api/batchend.h"
#include "api/batchfiles.h"
#include "api/batchlog.h"
#include "api/itemsessions.h"
#include "http/outbox.h"
#include <QElapsedTimer>
#include <functional>

namespace nightshift::api {

/// All batches: finds their folders, runs those that were asked for, each in a process of its own.
///
///   Queued --(its process begins)--> Running --(it ends)--> Done --(resume)--> Running
///                                     ^   │ (a limit, and `on_limit` is pause; or a client pauses it)
///                                     └─ Paused
class Batches : public QObject
{
    Q_OBJECT

public:
    struct Places
    {
        QString stateFolder; ///< The service's own.
        QStringList command; ///< See ServiceSettings::batchCommand.
        QByteArray hooks;
    };
    /// All outlive it.
    Batches(Sessions &sessions, http::Allowance &allowance, Places places);
    ~Batches() override;

    /// A new batch, kept on the disk and begun.
    http::Judged<BatchLog *> create(batch::BatchSpec spec, const http::Token &caller);
    /// The batch, up to date; NotFound when there is none that the caller may see.
    http::Judged<BatchLog *> log(const QString &id, const http::Token &caller);
    /// Ids, newest first.
    QStringList ids() const { return m_files.ids(); }
    std::vector<BatchLog *> running() const;
    /// Those whose own logs were written since.
    QStringList changedSince(const QDateTime &time) const { return m_files.changedSince(time); }

    struct Change
    {
        std::optional<qint64> concurrency;
        std::optional<double> costUsd;
        std::optional<bool> paused;
    };
    http::Judged<void> change(BatchLog &log, const Change &change, const http::Token &caller);
    enum class Cancel { FinishRunning, Now };
    /// False when nothing runs.
    http::Judged<bool> cancel(BatchLog &log, Cancel mode);
    /// Goes on with what is not done; with `again`, failed, cancelled and reasons, with those items alone.
    http::Judged<void> resume(BatchLog &log, const QStringList &again, const http::Token &caller);

    /// Tokens may be others than they were: a batch whose token does not allow it any more begins no more items.
    void recheckTokens();
    /// Goes on with what a lost server ran.
    void recover();
    /// Interrupts what runs, so that the next server goes on with it; drained() follows.
    void drain();
    bool isRunning() const { return !m_children.empty(); }

signals:
    void recorded(const QString &batchId, const nightshift::http::FeedEvent &event);
    void drained();

private:
    /// Lets one through in a second.
    class Throttle
    {
    public:
        bool take();

    private:
        QElapsedTimer m_last;
    };
    struct Child
    {
        BatchChild *process = nullptr;
        Throttle tells = {};
        bool isCancelled = false;
        bool isFinishing = false;
        std::optional<Withdrawn> withdrawn = {}; ///< Its token does not allow it any more.
        double chargedUsd = 0;                   ///< Of what this process spent.
        std::optional<double> allowedUsd;        ///< What it was told that it may spend.
    };
    BatchLog *open(const QString &id, const QString &out);
    http::Judged<void> begin(BatchLog &log, const QStringList &again);
    void beginWhenGone(BatchLog &log, pid_t pid, std::chrono::milliseconds left);
    void onProgress(BatchLog &log, const RawJson &progress);
    void charge(BatchLog &log, double spentUsd);
    void divideBudget(const QString &payer);
    void onEnded(BatchLog &log, const BatchChild::Ending &ending);
    void finish(BatchLog &log, const BatchEnd &end, double chargedUsd = 0);
    void onTick();

    Sessions &m_sessions;
    ItemSessions m_items;
    http::Allowance &m_allowance;
    const Places m_places;
    const BatchFiles m_files;
    std::map<QString, std::unique_ptr<BatchLog>> m_logs;
    std::map<QString, Child> m_children;
    QTimer m_tick;
    bool m_draining = false;
};

} // namespace nightshift::api
