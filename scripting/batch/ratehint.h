#pragma once
#include "llm/httpclient.h"
#include <chrono>
#include <optional>

namespace nightshift::batch {

/// What a server's headers say about how fast it may be asked.
struct RateHint
{
    std::optional<std::chrono::milliseconds> retryAfter; ///< From Retry-After.
    std::optional<std::chrono::milliseconds> reset;      ///< Until there is something left again; only when nothing is.
    bool operator==(const RateHint &) const = default;
};

/// Understands Retry-After (seconds or a date), retry-after-ms, x-ratelimit-remaining-* and -reset-* (OpenAI),
/// anthropic-ratelimit-*-remaining and -reset, ratelimit-remaining and -reset. `now` is in milliseconds since 1970.
RateHint rateHint(const llm::HttpHeaders &headers, qint64 now);

} // namespace nightshift::batch
