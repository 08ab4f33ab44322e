#pragma once
#include <QtTypes>
#include <chrono>

namespace nightshift::http {

/// What one client may cost. Times are settings so that tests can make them short.
struct Limits
{
    qsizetype headBytes = 32 * 1024;
    qint64 bodyBytes = 8 << 20;
    qint64 uploadBytes = 1 << 30;
    qint64 unsentBytes = 256 * 1024; ///< Above this a stream waits for its client.
    int connections = 256;
    int streams = 64; ///< Of token holders; processes of our user have all that the connections allow.
    int streamsPerToken = 32;
    int requestsPerMinute = 1200;                                 ///< With one token; 0 for any number.
    int turnsPerMinute = 60;                                      ///< The same.
    std::chrono::milliseconds request = std::chrono::seconds(30); ///< From a request's first byte to its last.
    std::chrono::milliseconds idle = std::chrono::seconds(75);  ///< Between two requests; browsers and proxies wait 60.
    std::chrono::milliseconds stall = std::chrono::seconds(60); ///< A client that takes nothing at all.
    std::chrono::milliseconds farewell = std::chrono::seconds(2); ///< For the client to close after our last word.
    std::chrono::milliseconds heartbeat = std::chrono::seconds(15);
};

} // namespace nightshift::http
