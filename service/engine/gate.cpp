#include "gate.h"
#include "engine/gatedcall.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

Gate::Gate(Parts parts, QObject *parent)
    : QObject(parent)
    , m_parts(std::move(parts))
{
    connect(&m_approvals, &Approvals::event, this, &Gate::event);
}

Gate::~Gate() = default;

tools::ToolJob *Gate::call(const ToolCall &call, QObject *parent)
{
    return new GatedCall(*this, call, {}, parent);
}

tools::ToolJob *Gate::resume(const ToolCall &call, const Approval &approval, QObject *parent)
{
    return new GatedCall(*this, call, approval, parent);
}

Consultation *Gate::consult(Consultation::Subject subject, QObject *parent)
{
    auto *consultation = new Consultation(m_parts.hooks, std::move(subject), parent);
    connect(consultation, &Consultation::event, this, &Gate::event);
    return consultation;
}

void Gate::observe(const Event &event)
{
    constexpr size_t mostBehind = 10'000; // who is so far behind will never catch up
    const auto line = m_encoder.encode(event);
    if (!line || m_observers.size() > mostBehind)
        return;
    const HookQuestion question{HookMoment::Event, observedEvent(place(), *line)};
    for (const auto &source : m_parts.hooks) {
        if (!source->wants(HookMoment::Event))
            continue;
        const qint64 number = m_told++;
        const auto forget = [this, number] { m_observers.erase(number); };
        m_observers[number] = source->ask(question, [this, forget](const HookReply &) {
            QMetaObject::invokeMethod(this, forget, Qt::QueuedConnection);
        });
    }
}

HookPlace Gate::place() const
{
    return {m_parts.sessionId, m_turnId, m_parts.transcript, m_parts.settings};
}

} // namespace nightshift::engine
