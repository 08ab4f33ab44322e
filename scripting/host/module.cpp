#include "batch/keptbatch.h"
#include "batch/shortjobs.h"
#include "host/planjob.h"
#include "host/scriptjob.h"
#include "jstexts.h"

/// Before it runs anywhere: whether the script can be read.
static nightshift::Result<nightshift::batch::RunningBatch *> submit(const nightshift::batch::BatchOrder &order,
                                                                    const nightshift::batch::Surroundings &surroundings,
                                                                    const nightshift::batch::BatchCallbacks &callbacks)
{
    const auto config = nightshift::host::readScriptConfig(order);
    if (!config)
        return std::unexpected(config.error());
    nightshift::batch::BatchOrder named = order;
    named.name = order.name.isEmpty() ? config->name : order.name;
    const auto exitCode = nightshift::batch::submitBatch(named, surroundings, callbacks);
    if (!exitCode)
        return std::unexpected(exitCode.error());
    return new nightshift::batch::ShortJob(*exitCode, callbacks);
}

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
    using Command = nightshift::batch::BatchOrder::Command;
    const auto begun = !whole                             ? std::unexpected(whole.error())
                       : order.command == Command::Submit ? submit(*whole, surroundings, callbacks)
                       : order.command == Command::Plan
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
