#include "pageroutes.h"
#include <pagetexts.h>

namespace nightshift::api {

// Nothing from elsewhere, nothing inline, in nobody's frame.
constexpr auto policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                        "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

static http::Route textRoute(const char *path, const char *type, std::string_view text)
{
    http::Response page{200, {}, QByteArray(text.data(), qsizetype(text.size()))};
    page.headers.add("Content-Type", QByteArray(type) + "; charset=utf-8");
    page.headers.add("Content-Security-Policy", policy);
    page.headers.add("Referrer-Policy", "no-referrer");
    page.headers.add("Cache-Control", "no-cache"); // the next version's script belongs to the next version's page
    return {.method = "GET",
            .pattern = path,
            .scope = {},
            .handler = [page](const http::Request &) { return page; },
            .produces = {type}};
}

std::vector<http::Route> pageRoutes()
{
    return {textRoute("/", "text/html", resources::pageHtml),
            textRoute("/page.js", "text/javascript", resources::pageScript),
            textRoute("/page.css", "text/css", resources::pageStyle)};
}

} // namespace nightshift::api
