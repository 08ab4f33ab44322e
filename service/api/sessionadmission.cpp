#include "sessionadmission.h"
#include "api/problemof.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Judged, http::Problem, http::ProblemCode;

static bool isLooser(const ApprovalOptions &newer, const ApprovalOptions &older)
{
    return (newer.policy != u"never"_s && older.policy == u"never"_s) ||
           (newer.otherwise == u"allow"_s && older.otherwise != u"allow"_s) || newer.waitSeconds > older.waitSeconds;
}

Judged<void> checkApproval(const ApprovalOptions &newer, const ApprovalOptions &older, const http::Token &caller)
{
    if (isLooser(newer, older) && !caller.allows(http::Scope::Approve))
        return std::unexpected(
            Problem{ProblemCode::ScopeMissing, u"a looser approval policy needs the scope approve"_s});
    return {};
}

Judged<void> checkApproval(const ApprovalOptions &newer, const http::Token &caller)
{
    if (newer.otherwise == u"allow"_s && !caller.allows(http::Scope::Approve))
        return std::unexpected(
            Problem{ProblemCode::ScopeMissing, u"to allow what nobody decides needs the scope approve"_s});
    return {};
}

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
