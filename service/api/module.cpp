#include "api/localservice.h"

extern "C" __attribute__((visibility("default"))) nightshift::RunningService *
nightshiftStartService(const nightshift::ServiceSettings &settings, const nightshift::ServiceCallbacks &callbacks,
                       nightshift::Error *error)
{
    auto service = std::make_unique<nightshift::api::LocalService>(settings, callbacks);
    const auto started = service->start();
    if (!started)
        *error = started.error();
    return started ? service.release() : nullptr;
}
