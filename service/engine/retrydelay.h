#pragma once
#include "domain/settings.h"
#include "llm/modelfailure.h"

namespace nightshift::engine {

/// Decides, attempt by attempt, whether and when one request to a model is repeated.
///
/// What never reached a model is first repeated silently, up to request_max_retries times; then, as
/// everything else that can heal, up to stream_max_retries times with a notice. A server's own wish
/// beats our back-off, and one deadline stands over all. Source: the reference's two layers, bounded.
class RetryDelay
{
public:
    explicit RetryDelay(const ProviderSettings &provider);

    struct Verdict
    {
        std::chrono::milliseconds delay{};
        int announced = 0; ///< Which announced repeat this is, from 1; 0 is a silent one.
        bool operator==(const Verdict &) const = default;
    };
    /// Nothing when it is time to give up. `elapsed` is since the request was first sent; `jitter` is
    /// in [-1, 1].
    std::optional<Verdict> after(const llm::ModelFailure &failure, std::chrono::milliseconds elapsed, double jitter);

    int maxAnnounced() const { return m_maxAnnounced; }

private:
    int m_maxSilent;
    int m_maxAnnounced;
    std::chrono::milliseconds m_firstDelay;
    std::chrono::milliseconds m_deadline;
    int m_silent = 0;
    int m_announced = 0;
};

} // namespace nightshift::engine
