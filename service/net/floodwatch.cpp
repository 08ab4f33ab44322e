#include "net/floodwatch.h"
#include "net/nodelay.h"
#include <QPointer>

using namespace std::chrono_literals;

namespace nightshift::net {

constexpr auto lookEvery = 250ms; // a fast server sends some MB meanwhile

FloodWatch::FloodWatch(const AnswerLimits &limits)
    : m_limits(limits)
{
    m_timer.setInterval(lookEvery);
    connect(&m_timer, &QTimer::timeout, this, &FloodWatch::look);
}

int FloodWatch::enter(Flooded flooded)
{
    m_hasProgress = true;
    m_newestFrom = -1;
    if (!m_timer.isActive())
        m_timer.start();
    m_awaited.emplace(++m_lastNumber, std::move(flooded));
    return m_lastNumber;
}

void FloodWatch::look()
{
    if (m_awaited.empty())
        return m_timer.stop();
    const qint64 received = receivedBytes();
    if (m_newestFrom < 0 || received < m_newestFrom) // a socket may be gone
        m_newestFrom = received;
    if (isStuck(received))
        tell(m_awaited, &AnswerLimits::headerBytes);
    else if (received - m_newestFrom > m_limits.answerBytes)
        tell({*m_awaited.rbegin()}, &AnswerLimits::answerBytes);
}

/// Nothing comes through of what is received.
bool FloodWatch::isStuck(qint64 received)
{
    if (std::exchange(m_hasProgress, false) || received < m_stuckFrom)
        m_stuckFrom = received;
    return std::exchange(m_isWarned, received - m_stuckFrom > m_limits.headerBytes) && m_isWarned;
}

/// Each ends its answer, or all of us.
void FloodWatch::tell(const std::map<int, Flooded> &whom, qint64 AnswerLimits::*limit)
{
    const QPointer<FloodWatch> alive(this);
    for (const auto &[number, flooded] : std::map(whom)) {
        if (alive && m_awaited.contains(number))
            flooded(limit);
    }
}

} // namespace nightshift::net
