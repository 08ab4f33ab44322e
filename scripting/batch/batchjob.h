#pragma once
#include "batch/batch.h"
#include "batch/batchmodule.h"
#include "batch/itemlist.h"
#include "batch/shard.h"

namespace nightshift::batch {

/// What of an order is no item, checked.
struct JobPlan
{
    QString out;
    QString name;
    int concurrency = 0;
    std::optional<qint64> maxFailures;
    Runner::Config runner;
    std::vector<Threshold> thresholds;
    std::optional<Shard> shard;
};
Result<JobPlan> planJob(const BatchOrder &order, const Surroundings &surroundings);
/// The journals in OUT, and where isolated items begin.
Result<std::unique_ptr<Journal>> openJournal(const BatchOrder &order, const Surroundings &surroundings,
                                             const QString &out);

/// Of an order with --claim.
std::unique_ptr<Claims> claimsOf(const BatchOrder &order);

struct PreparedItems
{
    std::vector<PreparedItem> ours;
    std::vector<PreparedItem> others; ///< Of other shards.
};
/// The items of an order.
Result<PreparedItems> prepareItems(const BatchOrder &order, Runner &runner, const std::optional<Shard> &shard);

/// `nightshift batch` without a script, from the order to the files in OUT and an exit code.
class BatchJob final : public QObject, public RunningBatch
{
    Q_OBJECT

public:
    BatchJob(BatchOrder order, const Surroundings &surroundings, BatchCallbacks callbacks);
    ~BatchJob() override;
    /// All that can be wrong is found here, before anything was sent.
    Result<> start();

    void stop(int signal) override;
    void showProgress() override;
    void change(const BatchChange &change) override;

private:
    Result<> beginJournal(const PreparedItems &items);
    QSet<QString> leaveOut(const std::vector<PreparedItem> &items) const;
    void sayWhatIsStale(const std::vector<PreparedItem> &items) const;
    void onItemDone(const ItemResult &result);
    void onTick();
    void onFinished(Report report);

    const BatchOrder m_order;
    const Surroundings &m_surroundings;
    const BatchCallbacks m_callbacks;
    std::optional<JobPlan> m_plan;
    std::unique_ptr<Journal> m_journal;
    std::unique_ptr<Claims> m_claims;
    std::unique_ptr<Runner> m_runner;
    std::unique_ptr<Batch> m_batch;
    QTimer m_tick;
    int m_signal = 0;
};

/// "3 of 4 succeeded, 1 failed, 0 did not run; out/results.jsonl"
QString summaryLine(const Report &report, const QString &out);

/// Writes what a report comes to into OUT: results.jsonl, results.csv, junit.xml, summary.md, and what was asked for.
Result<> writeOutputs(const Report &report, const QString &out, const BatchOrder &order,
                      const BatchCallbacks &callbacks);

} // namespace nightshift::batch
