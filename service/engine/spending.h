#pragma once
#include "domain/ending.h"
#include "domain/settings.h"

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
    std::optional<TurnError> exhausted(std::chrono::milliseconds elapsed) const;

private:
    TurnLimits m_limits;
    qint64 m_requests = 0;
    Usage m_usage;
};

} // namespace nightshift::engine
