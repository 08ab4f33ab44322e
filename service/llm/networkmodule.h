#pragma once
#include "domain/settings.h"
#include "llm/httpclient.h"

namespace nightshift::llm {

struct NetworkOptions
{
    QString caFile; ///< PEM with authorities to trust instead of the system's; empty means the system's.
    ProxySettings proxy;
    static constexpr int mostConnections = 4096; ///< For programs with many sessions: each that waits has one.
    static constexpr int fewConnections = 6;
    int connections = fewConnections; ///< To one server at a time; what is asked beyond that waits.
    bool tls = false;                 ///< An https server will be asked.
};

/// The one function that the modules `nightshift-net` and `nightshift-curl` export; the caller owns the client.
using MakeHttpClient = HttpClient *(const NetworkOptions &options);
constexpr const char *makeHttpClientSymbol = "nightshiftHttpClient";

} // namespace nightshift::llm
