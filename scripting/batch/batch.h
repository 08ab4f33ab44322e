#pragma once
#include "batch/claims.h"
#include "batch/report.h"
#include "batch/runner.h"
#include <QSet>

namespace nightshift::batch {

/// How far a batch has come.
struct Progress
{
    qint64 total = 0;
    qint64 succeeded = 0;
    qint64 failed = 0;
    qint64 running = 0;
    qint64 fromJournal = 0;
    Usage usage; ///< Of this run.
    qint64 requests = 0;
    struct Running
    {
        QString key;
        qint64 since = 0;   ///< Milliseconds since 1970.
        qint64 retryAt = 0; ///< Refused until then; 0 when it works.
        bool operator==(const Running &) const = default;
    };
    std::vector<Running> items;
    bool operator==(const Progress &) const = default;
};

/// Many prepared items, so many at a time, until all are done or something ends them.
///
/// Emits finished() exactly once, from the event loop. Deleting it cancels what runs.
class Batch : public QObject
{
    Q_OBJECT

public:
    struct Config
    {
        QString name;
        int concurrency = 0; ///< 0: as many as the server bears.
        std::optional<qint64> maxFailures;
        std::optional<std::chrono::milliseconds> wall;
        Budget *budget = nullptr;   ///< Of its items; null for that of all that the runner runs. Outlives this.
        ItemRun::Judge judge = {};  ///< Of each of them; may be empty.
        QSet<QString> leftOut = {}; ///< Keys of items that stay as they are.
        enum class Others { Leave, Await };
        Others others = Others::Leave; ///< What other workers do: its results may be wanted here, too.
    };
    /// `claims` where other workers share the items, else null. What is given outlives it.
    Batch(Runner &runner, std::vector<PreparedItem> items, Config config, Claims *claims, QObject *parent = nullptr);

    void start();
    /// Takes no more items, ends those under way so that they can go on, then finished().
    void stop();
    /// Takes no more items; finished() when those under way are.
    void finish();
    void setPaused(bool paused);
    void setConcurrency(int concurrency);
    Progress progress() const;

signals:
    void itemDone(const nightshift::batch::ItemResult &result);
    /// Something is going to end the batch if it goes on like this.
    void warned(const QString &sentence);
    void finished(const nightshift::batch::Report &report);

private:
    void pump();
    bool startNext();
    bool claim(size_t index);
    void lookAtAwaited();
    void start(const PreparedItem &item);
    void lookAtOthers();
    int concurrency() const;
    Budget &budget() const { return m_config.budget ? *m_config.budget : m_runner.budget(); }
    void onDone(ItemRun *run, const ItemResult &result);
    void checkLimits();
    void foresee();
    void end(Report::End how, const QString &reason, const QString &sentence);
    void finishWhenIdle();

    Runner &m_runner;
    std::vector<PreparedItem> m_items;
    Config m_config;
    Claims *m_claims;
    QStringList m_claimed; ///< Keys that nobody else has.
    struct Other
    {
        size_t item = 0;
        qint64 sign = 0; ///< Of the worker that has it, when we first looked.
    };
    std::vector<Other> m_others; ///< Whose workers may be dead.
    QTimer m_look;
    Report m_report;
    QHash<QString, size_t> m_places; ///< Of keys in the report.
    size_t m_next = 0;
    std::vector<std::pair<ItemRun *, Progress::Running>> m_running;
    qint64 m_fromJournal = 0;
    qint64 m_failures = 0;
    qint64 m_settled = 0; ///< Ended in this run.
    bool m_isForeseen = false;
    bool m_isEnding = false;
    bool m_isPaused = false;
    bool m_isFinished = false;
    QTimer m_wall;
    QElapsedTimer m_age;
};

} // namespace nightshift::batch
