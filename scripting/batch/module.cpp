#include "batch/batchjob.h"
#include "batch/keptbatch.h"
#include "batch/shortjobs.h"

namespace nightshift::batch {

namespace {

Result<std::unique_ptr<RunningBatch>> begin(const BatchOrder &order, const Surroundings &surroundings,
                                            const BatchCallbacks &callbacks)
{
    using Command = BatchOrder::Command;
    if (order.command == Command::Run) {
        auto job = std::make_unique<BatchJob>(order, surroundings, callbacks);
        const auto started = job->start();
        return started ? Result<std::unique_ptr<RunningBatch>>(std::move(job)) : std::unexpected(started.error());
    }
    const auto exitCode = order.command == Command::Plan    ? planBatch(order, surroundings, callbacks)
                          : order.command == Command::Merge ? mergeBatch(order, callbacks)
                                                            : submitBatch(order, surroundings, callbacks);
    if (!exitCode)
        return std::unexpected(exitCode.error());
    return std::make_unique<ShortJob>(*exitCode, callbacks);
}

} // namespace

} // namespace nightshift::batch

using namespace nightshift::batch;

extern "C" __attribute__((visibility("default"))) RunningBatch *nightshiftStartBatch(const BatchOrder &order,
                                                                                     const Surroundings &surroundings,
                                                                                     const BatchCallbacks &callbacks,
                                                                                     nightshift::Error *error)
{
    const auto whole = completedOrder(order);
    auto begun = whole ? begin(*whole, surroundings, callbacks) : std::unexpected(whole.error());
    if (!begun)
        *error = begun.error();
    return begun ? begun->release() : nullptr;
}
