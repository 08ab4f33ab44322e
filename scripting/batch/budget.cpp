#include "budget.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

Budget::Budget(QString level, Limits limits, Budget *above)
    : m_level(std::move(level))
    , m_limits(std::move(limits))
    , m_above(above)
{}

void Budget::charge(const Usage &usage, qint64 requests)
{
    for (Budget *each = this; each; each = each->m_above)
        each->countPaid(usage, requests);
}

void Budget::countPaid(const Usage &usage, qint64 requests)
{
    m_usage += usage;
    m_requests += requests;
}

TurnLimits Budget::left() const
{
    TurnLimits least;
    const auto narrow = [](auto &target, auto value) {
        if (!target || value < *target)
            target = value;
    };
    for (const Budget *each = this; each; each = each->m_above) {
        const Limits &limits = each->m_limits;
        if (limits.requests)
            narrow(least.requests, std::max<qint64>(1, *limits.requests - each->m_requests));
        if (limits.tokens)
            narrow(least.tokens, std::max<qint64>(1, *limits.tokens - each->m_usage.totalTokens()));
        if (limits.costUsd)
            narrow(least.costUsd, std::max(1e-9, *limits.costUsd - each->m_usage.costUsd.value_or(0)));
    }
    if (const Budget *quickest = boundInTime())
        least.time = quickest->m_limits.wall;
    return least;
}

/// Of the whole batch or script its own clock decides.
const Budget *Budget::boundInTime() const
{
    const Budget *quickest = nullptr;
    for (const Budget *each = this; each && (each == this || each->m_above); each = each->m_above) {
        if (each->m_limits.wall && (!quickest || each->m_limits.wall < quickest->m_limits.wall))
            quickest = each;
    }
    return quickest;
}

std::optional<Budget::Hit> Budget::exhausted() const
{
    for (const Budget *each = this; each; each = each->m_above) {
        const Limits &limits = each->m_limits;
        const auto hit = [each](const QString &name, FailureCode code) {
            return Hit{each->m_level + u'.' + name,
                       TurnError{code, u"the %1's limit of %2 is reached"_s.arg(each->m_level, name)}};
        };
        if (limits.requests && each->m_requests >= *limits.requests)
            return hit(u"requests"_s, FailureCode::LimitRequests);
        if (limits.tokens && each->m_usage.totalTokens() >= *limits.tokens)
            return hit(u"tokens"_s, FailureCode::LimitTokens);
        if (limits.costUsd && each->m_usage.costUsd.value_or(0) >= *limits.costUsd)
            return hit(u"cost_usd"_s, FailureCode::LimitCost);
    }
    return {};
}

QString Budget::limitBehind(FailureCode code) const
{
    if (const auto hit = exhausted(); hit && hit->error.code == code)
        return hit->limit;
    switch (code) {
    case FailureCode::LimitRequests:
        return m_level + u".requests"_s;
    case FailureCode::LimitTokens:
        return m_level + u".tokens"_s;
    case FailureCode::LimitCost:
        return m_level + u".cost_usd"_s;
    case FailureCode::LimitTime:
        return (boundInTime() ? boundInTime()->m_level : m_level) + u".wall_s"_s;
    case FailureCode::LimitIdle:
        return m_level + u".idle_s"_s;
    default:
        return {};
    }
}

} // namespace nightshift::batch
