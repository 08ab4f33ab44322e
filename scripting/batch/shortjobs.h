#pragma once
#include "batch/batchmodule.h"
#include "batch/runner.h"

namespace nightshift::batch {

// The commands beside the run itself. Each prints and gives the exit code at once.

Result<int> planBatch(const BatchOrder &order, const Surroundings &surroundings, const BatchCallbacks &callbacks);
Result<int> mergeBatch(const BatchOrder &order, const BatchCallbacks &callbacks);
Result<int> submitBatch(const BatchOrder &order, const Surroundings &surroundings, const BatchCallbacks &callbacks);

/// Prints what would run; where it was planned twice, what differs, which makes the exit code 1.
Result<int> printPlans(const std::vector<std::vector<PreparedItem>> &plans, const JournalUnion &known,
                       const BatchOrder &order, const BatchCallbacks &callbacks);

} // namespace nightshift::batch
