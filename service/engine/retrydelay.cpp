#include "retrydelay.h"
#include <cmath>

using namespace std::chrono_literals;

namespace nightshift::engine {

namespace {

using std::chrono::milliseconds;

/// Doubled each time, a tenth of it up or down so that many clients do not come back as one.
milliseconds backOff(milliseconds first, int attempt, double jitter)
{
    constexpr milliseconds longest = 30s;
    const double base = std::min(double(longest.count()), double(first.count()) * std::exp2(attempt - 1));
    return milliseconds(std::llround(base * (1 + 0.1 * jitter)));
}

} // namespace

RetryDelay::RetryDelay(const ProviderSettings &provider)
    : m_maxSilent(provider.requestMaxRetries)
    , m_maxAnnounced(provider.streamMaxRetries)
    , m_firstDelay(provider.retryDelay)
    , m_deadline(provider.retryDeadline)
{}

std::optional<RetryDelay::Verdict> RetryDelay::after(const llm::ModelFailure &failure, milliseconds elapsed,
                                                     double jitter)
{
    using Retry = llm::ModelFailure::Retry;
    if (failure.retry == Retry::Never)
        return {};
    Verdict verdict;
    if (failure.retry == Retry::Silent && m_silent < m_maxSilent) {
        verdict.delay = backOff(m_firstDelay, ++m_silent, jitter);
    } else {
        if (m_announced == m_maxAnnounced)
            return {};
        verdict.announced = ++m_announced;
        verdict.delay = backOff(m_firstDelay, m_announced, jitter);
        m_silent = 0;
    }
    if (failure.after)
        verdict.delay = *failure.after;
    if (elapsed + verdict.delay > m_deadline)
        return {};
    return verdict;
}

} // namespace nightshift::engine
