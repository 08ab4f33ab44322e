#include "repeats.h"
#include "engine/items.h"
#include "engine/ledger.h"
#include <QRandomGenerator>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

Repeats::Repeats(const ProviderSettings &provider, Ledger &ledger, QObject *parent)
    : QObject(parent)
    , m_provider(provider)
    , m_ledger(ledger)
{
    m_wait.setSingleShot(true);
    m_wait.setTimerType(Qt::PreciseTimer); // a server that says when to come back is not asked before
    connect(&m_wait, &QTimer::timeout, this, &Repeats::due);
}

void Repeats::begin()
{
    if (m_delay)
        return;
    m_delay.emplace(m_provider);
    m_age.start();
}

bool Repeats::plan(const llm::ModelFailure &failure)
{
    const double jitter = 2 * QRandomGenerator::global()->generateDouble() - 1;
    const auto verdict = m_delay->after(failure, std::chrono::milliseconds(m_age.elapsed()), jitter);
    if (!verdict)
        return false;
    if (verdict->announced > 0) {
        emit event(RetryScheduled{
            u"Reconnecting... %1/%2 (%3)"_s.arg(verdict->announced).arg(m_delay->maxAnnounced()).arg(failure.message)});
    } else {
        m_ledger.note("event_msg", repeatNote(failure.message));
    }
    m_wait.start(verdict->delay);
    return true;
}

void Repeats::end()
{
    m_delay.reset();
    m_wait.stop();
}

} // namespace nightshift::engine
