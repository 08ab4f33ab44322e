#include "ratelimit.h"

using namespace Qt::StringLiterals;

namespace nightshift::http {

RateLimit::RateLimit(Quota quota)
    : m_quota(std::move(quota))
{}

RateLimit::Use RateLimit::useOf(const QString &holder, Clock::time_point now) const
{
    const Use use = m_uses.value(holder);
    return now < use.until ? use : Use{now + m_quota.window, m_quota.amount};
}

qint64 RateLimit::secondsUntil(Clock::time_point then, Clock::time_point now)
{
    return std::chrono::ceil<std::chrono::seconds>(then - now).count();
}

Judged<void> RateLimit::take(const QString &holder, Clock::time_point now)
{
    if (m_quota.amount == 0)
        return {};
    Use use = useOf(holder, now);
    if (use.left == 0) {
        const qint64 wait = secondsUntil(use.until, now);
        return std::unexpected(Problem{.code = ProblemCode::RateLimited,
                                       .detail = u"%1 %2 in %3 s were made with this token; more in %4 s"_s.arg(
                                           QString::number(m_quota.amount), QString::fromLatin1(m_quota.name),
                                           QString::number(m_quota.window.count()), QString::number(wait)),
                                       .retryAfter = std::chrono::seconds(wait)});
    }
    --use.left;
    m_uses.insert(holder, use);
    return {};
}

QByteArray RateLimit::policy() const
{
    if (m_quota.amount == 0)
        return {};
    return '"' + m_quota.name + "\";q=" + QByteArray::number(m_quota.amount) +
           ";w=" + QByteArray::number(qint64(m_quota.window.count()));
}

QByteArray RateLimit::state(const QString &holder, Clock::time_point now) const
{
    if (m_quota.amount == 0)
        return {};
    const Use use = useOf(holder, now);
    return '"' + m_quota.name + "\";r=" + QByteArray::number(use.left) +
           ";t=" + QByteArray::number(secondsUntil(use.until, now));
}

} // namespace nightshift::http
