#include "costlimit.h"
#include "api/problemof.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Judged;

Judged<void> checkCostLimit(const SessionLimits &limits, const Settings &settings)
{
    if (limits.costUsd && !settings.modelInfo.prices)
        return std::unexpected(
            refused(u"/limits/cost_usd"_s,
                    u"what the model `%1` costs at the provider `%2` is not known; set "
                    "models.\"%1\".price in the service's settings"_s.arg(settings.model, settings.provider.id)));
    return {};
}

Judged<void> checkCostLimit(const SessionLimits &limits, SessionOptions session, const SessionOpener &opener)
{
    if (!limits.costUsd)
        return {};
    return opener.settings(session).and_then(
        [&limits](const Settings &settings) { return checkCostLimit(limits, settings); });
}

} // namespace nightshift::api
