#include "sessionadmission.h"

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

} // namespace nightshift::api
