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
    connect(&m_wait, &QTimer::timeout, this, [this] {
        endWait();
        emit due();
    });
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
    if (failure.code == FailureCode::RateLimited)
        beginWait(failure.message, verdict->delay);
    return true;
}

void Repeats::beginWait(const QString &message, std::chrono::milliseconds delay)
{
    const auto until = std::chrono::system_clock::now().time_since_epoch() + delay;
    m_waited.start();
    emit event(
        WaitStarted{u"rate_limit"_s, message, std::chrono::duration_cast<std::chrono::milliseconds>(until).count()});
}

void Repeats::endWait()
{
    if (!m_waited.isValid())
        return;
    const std::chrono::milliseconds waited(m_waited.elapsed());
    m_waited.invalidate();
    emit event(WaitEnded{u"rate_limit"_s, waited});
}

void Repeats::end()
{
    m_delay.reset();
    m_wait.stop();
    endWait();
}

} // namespace nightshift::engine
