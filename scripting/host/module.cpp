#include "host/scriptjob.h"
#include "jstexts.h"

/// The same as the module nightshift-batch, for orders that name a script.
extern "C" __attribute__((visibility("default"))) nightshift::batch::RunningBatch *
nightshiftStartBatch(const nightshift::batch::BatchOrder &order, const nightshift::batch::Surroundings &surroundings,
                     const nightshift::batch::BatchCallbacks &callbacks, nightshift::Error *error)
{
    auto job = std::make_unique<nightshift::host::ScriptJob>(order, surroundings, callbacks);
    const auto started = job->start();
    if (!started)
        *error = started.error();
    return started ? job.release() : nullptr;
}

/// What editors and tsc know of scripts.
extern "C" __attribute__((visibility("default"))) const char *nightshiftScriptTypes()
{
    return nightshift::script::nightshiftTypes;
}
