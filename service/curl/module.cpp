#include "curl/curlclient.h"

extern "C" __attribute__((visibility("default"))) nightshift::llm::HttpClient *
nightshiftHttpClient(const nightshift::llm::NetworkOptions &options)
{
    return new nightshift::curl::CurlClient(options);
}
