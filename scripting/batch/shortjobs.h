#pragma once
#include "batch/batchmodule.h"
#include "batch/runner.h"
#include <QObject>

namespace nightshift::batch {

// The commands beside the run itself. Each prints and gives the exit code at once.

Result<int> planBatch(const BatchOrder &order, const Surroundings &surroundings, const BatchCallbacks &callbacks);
Result<int> mergeBatch(const BatchOrder &order, const BatchCallbacks &callbacks);
Result<int> submitBatch(const BatchOrder &order, const Surroundings &surroundings, const BatchCallbacks &callbacks);

/// Prints what would run; where it was planned twice, what differs, which makes the exit code 1.
Result<int> printPlans(const std::vector<std::vector<PreparedItem>> &plans, const JournalUnion &known,
                       const BatchOrder &order, const BatchCallbacks &callbacks);

/// A command that is over at once; it only looks like one that runs.
class ShortJob final : public QObject, public RunningBatch
{
public:
    ShortJob(int exitCode, const BatchCallbacks &callbacks)
    {
        QMetaObject::invokeMethod(this, [ended = callbacks.ended, exitCode] { ended(exitCode); }, Qt::QueuedConnection);
    }
    void stop(int) override {}
    void showProgress() override {}
};

} // namespace nightshift::batch
