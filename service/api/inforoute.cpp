#include "inforoute.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

http::Route infoRoute(const http::Limits &limits)
{
    const RawJson info = json::object({{"name", "nightshift"},
                                       {"version", NIGHTSHIFT_VERSION},
                                       {"api", "v1"},
                                       {"limits", json::object({{"body_bytes", limits.bodyBytes},
                                                                {"upload_bytes", limits.uploadBytes},
                                                                {"connections", limits.connections},
                                                                {"streams", limits.streams}})}});
    return {"GET", "/v1/info", http::Scope::Read,
            [info](const http::Request &) { return http::jsonResponse(200, info); }};
}

} // namespace nightshift::api
