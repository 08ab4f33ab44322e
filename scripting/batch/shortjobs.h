#pragma once
#include "batch/batchmodule.h"

namespace nightshift::batch {

// The commands beside the run itself. Each prints and gives the exit code at once.

Result<int> planBatch(const BatchOrder &order, const Surroundings &surroundings, const BatchCallbacks &callbacks);
Result<int> mergeBatch(const BatchOrder &order, const BatchCallbacks &callbacks);
Result<int> submitBatch(const BatchOrder &order, const Surroundings &surroundings, const BatchCallbacks &callbacks);

} // namespace nightshift::batch
