#include "api/localservice.h"
#include "api/tokenwords.h"

extern "C" __attribute__((visibility("default"))) nightshift::RunningService *
nightshiftStartService(const nightshift::ServiceSettings &settings,
                       const nightshift::engine::Surroundings &surroundings,
                       const nightshift::ServiceCallbacks &callbacks, nightshift::Error *error)
{
    auto service = std::make_unique<nightshift::api::LocalService>(settings, surroundings, callbacks);
    const auto started = service->start();
    if (!started)
        *error = started.error();
    return started ? service.release() : nullptr;
}

extern "C" __attribute__((visibility("default"))) nightshift::Result<nightshift::TokenAnswer>
nightshiftChangeTokens(const QStringList &words, const QString &tokensPath)
{
    return nightshift::api::changeTokens(words, tokensPath);
}
