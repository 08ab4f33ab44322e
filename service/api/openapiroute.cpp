#include "openapiroute.h"
#include "base/jsonreader.h"
#include <openapitext.h>

namespace nightshift::api {

http::Route openapiRoute()
{
    return {"GET", "/openapi.json", {}, [](const http::Request &) {
                const auto &text = resources::openapi;
                return http::jsonResponse(200, compact({QByteArray(text.data(), qsizetype(text.size()))}));
            }};
}

} // namespace nightshift::api
