#pragma once
#include "domain/event.h"
#include "domain/settings.h"
#include "llm/modelfailure.h"

namespace nightshift::engine {

/// What a turn has used of what it may use. Pure; the turn counts and asks.
class Spending
{
public:
    explicit Spending(TurnLimits limits = {})
        : m_limits(limits)
    {}

    void countRequest() { ++m_requests; }
    void count(const Usage &usage) { m_usage += usage; }

    /// The limit that forbids another request, if one does.
    std::optional<LimitReached> exhausted(std::chrono::milliseconds elapsed) const;
    /// Those of which four fifths are used; each is told once.
    std::vector<LimitUse> takeNear(std::chrono::milliseconds elapsed);

private:
    std::vector<LimitUse> uses(std::chrono::milliseconds elapsed) const;

    TurnLimits m_limits;
    std::vector<FailureCode> m_told; ///< Limits that were near.
    qint64 m_requests = 0;
    Usage m_usage;
};

/// Whether it was the idle limit that an answer broke off at.
std::optional<LimitReached> idleReached(const llm::ModelFailure &failure, const ProviderSettings &provider);

} // namespace nightshift::engine
