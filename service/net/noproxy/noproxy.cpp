// Stands in for libproxy, see CMakeLists.txt. Source: https://libproxy.github.io/libproxy/
#include <cstdlib>
#include <cstring>

extern "C" {

void *px_proxy_factory_new()
{
    static char factory;
    return &factory;
}

void px_proxy_factory_free(void *) {}

/// "No proxy", in memory of malloc that the caller frees.
char **px_proxy_factory_get_proxies(void *, const char *)
{
    auto **proxies = static_cast<char **>(std::calloc(2, sizeof(char *)));
    if (proxies)
        proxies[0] = ::strdup("direct://");
    return proxies;
}
}
