#include "batch/batchjob.h"

using nightshift::batch::BatchCallbacks;
using nightshift::batch::BatchJob;
using nightshift::batch::BatchOrder;
using nightshift::batch::RunningBatch;
using nightshift::batch::Surroundings;

extern "C" __attribute__((visibility("default"))) RunningBatch *nightshiftStartBatch(const BatchOrder &order,
                                                                                     const Surroundings &surroundings,
                                                                                     const BatchCallbacks &callbacks,
                                                                                     nightshift::Error *error)
{
    auto job = std::make_unique<BatchJob>(order, surroundings, callbacks);
    const auto started = job->start();
    if (!started)
        *error = started.error();
    return started ? job.release() : nullptr;
}
