#include "problemof.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Problem;
using http::ProblemCode;

Problem problemOf(const Error &error)
{
    switch (error.kind) {
    case Error::Kind::DiskFull:
        return {ProblemCode::DiskFull, error.message};
    case Error::Kind::NotFound:
        return {ProblemCode::NotFound, error.message};
    case Error::Kind::Denied:
        return {ProblemCode::Busy, error.message};
    case Error::Kind::Invalid:
        return {ProblemCode::ValidationFailed, error.message};
    default:
        return {ProblemCode::Internal, error.message};
    }
}

Problem refused(const QString &pointer, const QString &detail)
{
    return {.code = ProblemCode::ValidationFailed, .detail = pointer + u": "_s + detail, .errors = {{pointer, detail}}};
}

} // namespace nightshift::api
