#include "spending.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

std::optional<TurnError> Spending::exhausted(std::chrono::milliseconds elapsed) const
{
    if (m_limits.requests && m_requests >= *m_limits.requests)
        return TurnError{FailureCode::LimitRequests,
                         u"the limit of %1 model requests is reached"_s.arg(*m_limits.requests)};
    if (m_limits.tokens && m_tokens >= *m_limits.tokens)
        return TurnError{FailureCode::LimitTokens, u"%1 of %2 tokens are used"_s.arg(m_tokens).arg(*m_limits.tokens)};
    if (m_limits.time && elapsed >= *m_limits.time)
        return TurnError{FailureCode::LimitTime, u"the time limit of %1 ms is reached"_s.arg(m_limits.time->count())};
    return {};
}

} // namespace nightshift::engine
