#include "inforoute.h"
#include "config/modelcatalogue.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

constexpr int eventSchemas = 1; // another number when a member that clients read goes away

/// What a client may count on, whatever version this is. A word stays as long as what it stands for.
static RawJson features()
{
    return json::array(QStringList{u"approvals"_s, u"batches"_s, u"bundles"_s, u"diff"_s, u"files"_s, u"fork"_s,
                                   u"idempotency"_s, u"import"_s, u"jsonl"_s, u"metrics"_s, u"prefer_wait"_s,
                                   u"schema"_s, u"scripts"_s, u"sse"_s, u"steer"_s, u"webhooks"_s});
}

http::Route infoRoute(const http::Limits &limits, const http::Allowance &allowance)
{
    const RawJson bounds = json::object({{"body_bytes", limits.bodyBytes},
                                         {"upload_bytes", limits.uploadBytes},
                                         {"connections", limits.connections},
                                         {"streams", limits.streams}});
    const auto show = [bounds, &allowance](const http::Request &request) {
        const config::ModelCatalogue catalogue;
        const http::Token &caller = request.caller;
        return http::jsonResponse(
            200, json::object({{"name", "nightshift"},
                               {"version", NIGHTSHIFT_VERSION},
                               {"api", "v1"},
                               {"schema", eventSchemas},
                               {"features", features()},
                               {"limits", bounds},
                               {"roots", json::array(caller.roots.isEmpty() ? allowance.roots() : caller.roots)},
                               {"models", json::array(caller.models.isEmpty() ? catalogue.slugs() : caller.models)},
                               {"prices_as_of", catalogue.pricesAsOf()}}));
    };
    return {"GET", "/v1/info", http::Scope::Read, show};
}

} // namespace nightshift::api
