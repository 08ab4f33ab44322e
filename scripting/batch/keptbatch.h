#pragma once
#include "batch/batchjob.h"
#include "batch/batchmodule.h"
#include "batch/batchspec.h"
#include "batch/itemrun.h"

namespace nightshift::batch {

/// Where what a batch was asked to do lies beside its journals.
QString specPath(const QString &out);
Result<> keepSpec(const QString &out, const BatchSpec &spec);
Result<BatchSpec> keptSpec(const QString &out);

/// What others need to go on with a script of the command line: its source, which stays where it is, for it may import
/// what lies beside it.
Result<> keepScript(const JobPlan &plan, const QString &script, const RawJson &args);

/// Whether the order is to go on with a batch that is known by its folder alone: its input is what lies there.
bool isKept(const BatchOrder &order);
/// With all that was kept; any other order as it is.
Result<BatchOrder> completedOrder(BatchOrder order);

/// What others need to go on with these items, of a batch that the command line describes.
BatchSpec specOf(const BatchOrder &order, const std::vector<PreparedItem> &items, qint64 concurrency);

} // namespace nightshift::batch
