#include "turnclock.h"
#include <algorithm>

namespace nightshift::engine {

using std::chrono::milliseconds;

TurnClock::TurnClock(QObject *parent)
    : QObject(parent)
{
    for (QTimer *timer : {&m_timer, &m_near}) {
        timer->setSingleShot(true);
        timer->setTimerType(Qt::PreciseTimer); // others may be early, when no limit is reached yet
    }
    connect(&m_near, &QTimer::timeout, this, &TurnClock::timeNear);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        stop();
        emit timeUp();
    });
}

void TurnClock::start(std::optional<milliseconds> limit)
{
    m_age.start();
    m_limit = limit;
    startTimers(milliseconds(0));
}

void TurnClock::stop()
{
    m_limit.reset();
    stopTimers();
}

void TurnClock::startTimers(milliseconds worked)
{
    if (!m_limit)
        return;
    const auto until = [worked](milliseconds moment) { return std::max(milliseconds(0), moment - worked); };
    m_timer.start(until(*m_limit));
    m_near.start(until(*m_limit * 4 / 5 + milliseconds(1))); // what was rounded off must not make it too early
}

void TurnClock::stopTimers()
{
    m_timer.stop();
    m_near.stop();
}

void TurnClock::hold()
{
    if (m_holds++ > 0)
        return;
    m_held.start();
    stopTimers();
}

void TurnClock::release()
{
    if (m_holds == 0 || --m_holds > 0)
        return;
    m_heldFor += milliseconds(m_held.elapsed());
    m_held.invalidate();
    startTimers(worked());
}

milliseconds TurnClock::worked() const
{
    return age() - m_heldFor - milliseconds(m_held.isValid() ? m_held.elapsed() : 0);
}

} // namespace nightshift::engine
