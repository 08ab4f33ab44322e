#include "spending.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

constexpr double nearShare = 0.8; // of a limit: early enough to raise it

/// What is limited, in the order in which limits are looked at.
std::vector<LimitUse> Spending::uses(std::chrono::milliseconds elapsed) const
{
    const TurnLimits &limits = m_limits;
    const SessionUse &before = m_limits.before;
    std::vector<LimitUse> uses;
    const auto add = [&uses](FailureCode limit, double used, auto max, double usedBefore) {
        if (max)
            uses.push_back({limit, used + usedBefore, double(*max) + usedBefore});
    };
    const auto seconds = [](std::chrono::milliseconds time) { return double(time.count()) / 1000; };
    add(FailureCode::LimitRequests, double(m_requests), limits.requests, double(before.requests));
    add(FailureCode::LimitTokens, double(m_usage.totalTokens()), limits.tokens, double(before.tokens));
    add(FailureCode::LimitCost, m_usage.costUsd.value_or(0), limits.costUsd, before.costUsd);
    add(FailureCode::LimitTime, seconds(elapsed), limits.time ? std::optional(seconds(*limits.time)) : std::nullopt, 0);
    return uses;
}

static QString sentence(const LimitUse &use)
{
    switch (use.limit) {
    case FailureCode::LimitRequests:
        return u"the limit of %1 model requests is reached"_s.arg(use.max);
    case FailureCode::LimitTokens:
        return u"%1 of %2 tokens are used"_s.arg(qint64(use.used)).arg(qint64(use.max));
    case FailureCode::LimitCost:
        return u"%1 of %2 USD are used"_s.arg(use.used, 0, 'g', 4).arg(use.max, 0, 'g', 4);
    default:
        return u"the time limit of %1 ms is reached"_s.arg(use.max * 1000);
    }
}

std::optional<LimitReached> Spending::exhausted(std::chrono::milliseconds elapsed) const
{
    for (const LimitUse &use : uses(elapsed)) {
        if (use.used >= use.max)
            return LimitReached{use, sentence(use)};
    }
    return {};
}

std::vector<LimitUse> Spending::takeNear(std::chrono::milliseconds elapsed)
{
    std::vector<LimitUse> near = uses(elapsed);
    std::erase_if(near, [this](const LimitUse &use) {
        return use.used < nearShare * use.max || std::ranges::contains(m_told, use.limit);
    });
    for (const LimitUse &use : near)
        m_told.push_back(use.limit);
    return near;
}

std::optional<LimitReached> idleReached(const llm::ModelFailure &failure, const ProviderSettings &provider)
{
    if (failure.code != FailureCode::LimitIdle)
        return {};
    const double seconds = double(provider.idleLimit.value_or(provider.streamIdleTimeout).count()) / 1000;
    return LimitReached{{failure.code, seconds, seconds}, failure.message};
}

} // namespace nightshift::engine
