#include "gatedcall.h"
#include "engine/rewriting.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

GatedCall::GatedCall(Gate &gate, const ToolCall &call, const std::optional<Approval> &pending, QObject *parent)
    : ToolJob(parent)
    , m_gate(gate)
    , m_call(call)
    , m_judgement(new Judgement(gate, call, pending, this))
{
    connect(m_judgement, &Judgement::finished, this, &GatedCall::onJudged);
    connect(&gate, &Gate::withdrawn, this, [this] {
        if (m_judgement)
            cancel();
    });
}

void GatedCall::onJudged(const Verdict &verdict)
{
    m_proposal = m_judgement->proposal();
    std::exchange(m_judgement, nullptr)->deleteLater();
    if (verdict.denial)
        return answer(*verdict.denial);
    m_told = verdict.told;
    m_call = verdict.call;
    m_job = m_gate.parts().tools.call(verdict.call, this);
    connect(m_job, &ToolJob::finished, this, &GatedCall::onAnswered);
    connect(m_job, &ToolJob::finished, m_job, &QObject::deleteLater);
}

void GatedCall::onAnswered(const ToolAnswer &answer)
{
    m_job = nullptr;
    m_answer = {m_call.id, withLines(answer.output, m_told)};
    if (!m_gate.asks(HookMoment::ToolEnd))
        return end();
    m_gate.beginWait();
    m_showing = m_gate.consult(
        {.moment = HookMoment::ToolEnd,
         .call = m_call.id,
         .what = [this] { return aboutOf(m_call, m_proposal); },
         .event = [this] { return toolEndEvent(m_gate.place(), m_call, m_proposal, textOf(m_answer.output)); },
         .rewrite = [this](const hooks::Decision::Rewrite &rewrite) -> Result<> {
             m_answer.output = json::string(*rewrite.output);
             return {};
         }},
        this);
    connect(m_showing, &Consultation::finished, this, &GatedCall::onShown);
}

void GatedCall::onShown(const Advice &advice)
{
    m_gate.endWait();
    std::exchange(m_showing, nullptr)->deleteLater();
    m_gate.addContexts(advice.contexts);
    if (advice.isDenied() && advice.decided->decision.abort)
        m_gate.abort(u"the hook %1 ended the turn: %2"_s.arg(advice.decided->source, advice.decided->decision.reason));
    if (advice.isDenied())
        m_answer.output = json::string(advice.decided->decision.reason);
    end();
}

void GatedCall::cancel()
{
    if (m_job)
        return m_job->cancel();
    if (m_showing) {
        m_gate.endWait();
        std::exchange(m_showing, nullptr)->deleteLater();
        QMetaObject::invokeMethod(this, &GatedCall::end, Qt::QueuedConnection);
    } else if (m_judgement) {
        m_judgement->cancel();
        m_judgement->disconnect(this);
        std::exchange(m_judgement, nullptr)->deleteLater();
        m_answer = {m_call.id, json::string(u"aborted by user before it was allowed"_s)};
        QMetaObject::invokeMethod(this, &GatedCall::end, Qt::QueuedConnection);
    }
}

void GatedCall::answer(const QString &text)
{
    m_answer = {m_call.id, json::string(text)};
    end();
}

void GatedCall::end()
{
    emit finished(m_answer);
}

} // namespace nightshift::engine
