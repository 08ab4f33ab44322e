#include "llm/networkmodule.h"
#include "net/networkclient.h"

extern "C" __attribute__((visibility("default"))) nightshift::llm::HttpClient *
nightshiftHttpClient(const nightshift::llm::NetworkOptions &options)
{
    return new nightshift::net::NetworkClient(options);
}
