#pragma once
#include "base/jsonreader.h"
#include "http/requesthead.h"
#include <QFlags>
#include <QStringList>

namespace nightshift::api {

/// One member that the body of a request may have, where it may stand, and what its caller needs for it.
struct RequestSetting
{
    enum In {
        NewSession = 1, ///< POST /v1/sessions
        NewTurn = 2,    ///< POST /v1/sessions/{id}/turns
        Fork = 4,       ///< POST /v1/sessions/{id}/fork
        Change = 8,     ///< PATCH /v1/sessions/{id}
        NewBatch = 16,  ///< POST /v1/batches,
        Shared = 32,    ///< its `session`,
        Item = 64,      ///< and each of its `items`.
    };
    enum class Needs {
        Nothing,   ///< beyond the scope of the route
        Root,      ///< a folder below the roots of the service and of the token
        Model,     ///< a model that the token allows
        Sandbox,   ///< no more than `--sandbox` of the token
        Network,   ///< `--network` of the token
        Isolation, ///< for `none` where the service's settings isolate: the scope admin
        Approval,  ///< for what is looser: the scope approve; for `allow` also danger-full-access
        Admin,     ///< the scope admin
        Service,   ///< nobody: only the service's own settings say it
    };
    const char *name;
    int in;
    Needs needs;
};

/// The names that a body may have there, in the table's order.
QStringList settingNames(RequestSetting::In in);
/// Notes each member of `object` that is not in the table, with a sentence that names it and those that are.
void refuseOthers(JsonView object, RequestSetting::In in, const QString &pointer,
                  std::vector<http::FieldProblem> &problems);
/// The first member that takes the scope admin; nothing when there is none.
std::optional<QString> forAdmins(JsonView object, RequestSetting::In in);

} // namespace nightshift::api
