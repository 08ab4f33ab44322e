#include "inforoute.h"
#include "config/modelcatalogue.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

constexpr int eventSchemas = 1; // another number when a member that clients read goes away

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
                               {"limits", bounds},
                               {"roots", json::array(caller.roots.isEmpty() ? allowance.roots() : caller.roots)},
                               {"models", json::array(caller.models.isEmpty() ? catalogue.slugs() : caller.models)},
                               {"prices_as_of", catalogue.pricesAsOf()}}));
    };
    return {"GET", "/v1/info", http::Scope::Read, show};
}

} // namespace nightshift::api
