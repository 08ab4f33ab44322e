#include "turnclock.h"
#include <algorithm>

namespace nightshift::engine {

using std::chrono::milliseconds;

TurnClock::TurnClock(QObject *parent)
    : QObject(parent)
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer); // others may be early, when no limit is reached yet
    connect(&m_timer, &QTimer::timeout, this, [this] {
        m_limit.reset();
        emit timeUp();
    });
}

void TurnClock::start(std::optional<milliseconds> limit)
{
    m_age.start();
    m_limit = limit;
    if (m_limit)
        m_timer.start(*m_limit);
}

void TurnClock::stop()
{
    m_limit.reset();
    m_timer.stop();
}

void TurnClock::hold()
{
    if (m_holds++ > 0)
        return;
    m_held.start();
    m_timer.stop();
}

void TurnClock::release()
{
    if (m_holds == 0 || --m_holds > 0)
        return;
    m_heldFor += milliseconds(m_held.elapsed());
    m_held.invalidate();
    if (m_limit)
        m_timer.start(std::max(milliseconds(0), *m_limit - worked()));
}

milliseconds TurnClock::worked() const
{
    return age() - m_heldFor - milliseconds(m_held.isValid() ? m_held.elapsed() : 0);
}

} // namespace nightshift::engine
