#include "host/scriptlimits.h"

namespace nightshift::host {

batch::Limits filledIn(batch::Limits limits, const batch::Limits &wished)
{
    const auto fill = [](auto &limit, const auto &wish) { limit = limit ? limit : wish; };
    fill(limits.requests, wished.requests);
    fill(limits.tokens, wished.tokens);
    fill(limits.costUsd, wished.costUsd);
    fill(limits.wall, wished.wall);
    return limits;
}

void ScriptLimits::begin(const batch::Limits &limits)
{
    m_limits = limits;
    m_age.start();
}

void ScriptLimits::note(const Usage &usage, qint64 requests)
{
    const std::lock_guard lock(m_mutex);
    m_spent = usage;
    m_requests = requests;
}

RawJson ScriptLimits::spent() const
{
    const std::lock_guard lock(m_mutex);
    return json::object({{"requests", m_requests},
                         {"tokens", m_spent.inputTokens + m_spent.outputTokens},
                         {"cost_usd", m_spent.costUsd.value_or(0)},
                         {"wall_s", double(m_age.elapsed()) / 1000}});
}

RawJson ScriptLimits::left() const
{
    const std::lock_guard lock(m_mutex);
    const auto rest = [](auto limit, auto spent) { return limit ? std::optional(*limit - spent) : std::nullopt; };
    const auto wall = m_limits.wall ? std::optional(double(m_limits.wall->count()) / 1000) : std::nullopt;
    return json::object({{"requests", rest(m_limits.requests, m_requests)},
                         {"tokens", rest(m_limits.tokens, m_spent.inputTokens + m_spent.outputTokens)},
                         {"cost_usd", rest(m_limits.costUsd, m_spent.costUsd.value_or(0))},
                         {"wall_s", rest(wall, double(m_age.elapsed()) / 1000)}});
}

batch::Limits ScriptLimits::change(const batch::Limits &wished)
{
    const std::lock_guard lock(m_mutex);
    m_limits = filledIn(wished, m_limits);
    return m_limits;
}

} // namespace nightshift::host
