#include "batch/keptbatch.h"
#include "host/planjob.h"
#include "host/scriptjob.h"
#include "jstexts.h"

template <typename Job>
static nightshift::Result<nightshift::batch::RunningBatch *> begin(const nightshift::batch::BatchOrder &order,
                                                                   const nightshift::batch::Surroundings &surroundings,
                                                                   const nightshift::batch::BatchCallbacks &callbacks)
{
    auto job = std::make_unique<Job>(order, surroundings, callbacks);
    const auto started = job->start();
    if (!started)
        return std::unexpected(started.error());
    return job.release();
}

/// The same as the module nightshift-batch, for orders that name a script.
extern "C" __attribute__((visibility("default"))) nightshift::batch::RunningBatch *
nightshiftStartBatch(const nightshift::batch::BatchOrder &order, const nightshift::batch::Surroundings &surroundings,
                     const nightshift::batch::BatchCallbacks &callbacks, nightshift::Error *error)
{
    const auto whole = nightshift::batch::completedOrder(order);
    const auto begun = !whole ? std::unexpected(whole.error())
                       : order.command == nightshift::batch::BatchOrder::Command::Plan
                           ? begin<nightshift::host::PlanJob>(*whole, surroundings, callbacks)
                           : begin<nightshift::host::ScriptJob>(*whole, surroundings, callbacks);
    if (!begun)
        *error = begun.error();
    return begun.value_or(nullptr);
}

/// What editors and tsc know of scripts.
extern "C" __attribute__((visibility("default"))) const char *nightshiftScriptTypes()
{
    return nightshift::script::nightshiftTypes;
}
