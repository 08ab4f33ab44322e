#include "spending.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

std::optional<TurnError> Spending::exhausted(std::chrono::milliseconds elapsed) const
{
    if (m_limits.requests && m_requests >= *m_limits.requests)
        return TurnError{FailureCode::LimitRequests,
                         u"the limit of %1 model requests is reached"_s.arg(*m_limits.requests)};
    if (const qint64 tokens = m_usage.totalTokens(); m_limits.tokens && tokens >= *m_limits.tokens)
        return TurnError{FailureCode::LimitTokens, u"%1 of %2 tokens are used"_s.arg(tokens).arg(*m_limits.tokens)};
    if (const double cost = m_usage.costUsd.value_or(0); m_limits.costUsd && cost >= *m_limits.costUsd)
        return TurnError{FailureCode::LimitCost,
                         u"%1 of %2 USD are used"_s.arg(cost, 0, 'g', 4).arg(*m_limits.costUsd, 0, 'g', 4)};
    if (m_limits.time && elapsed >= *m_limits.time)
        return TurnError{FailureCode::LimitTime, u"the time limit of %1 ms is reached"_s.arg(m_limits.time->count())};
    return {};
}

} // namespace nightshift::engine
