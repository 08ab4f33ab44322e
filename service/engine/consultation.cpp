#include "consultation.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

using hooks::Answer;
using hooks::Decision;
using Kind = Decision::Kind;

Consultation::Consultation(const HookSources &sources, Subject subject, QObject *parent)
    : QObject(parent)
    , m_subject(std::move(subject))
    , m_round(new hooks::Round(sources, m_subject.moment, m_subject.event, this))
{
    connect(m_round, &hooks::Round::answered, this, &Consultation::onAnswered);
    connect(m_round, &hooks::Round::finished, this, &Consultation::end);
}

void Consultation::onAnswered(const Answer &answer)
{
    Answer taken = answer;
    const QString what = m_subject.what ? m_subject.what() : QString();
    const bool isForGood = m_subject.moment == HookMoment::Approval; // whoever asked has to carry it out
    if (answer.decision.kind == Kind::Rewrite && !isForGood) {
        const Result<> done =
            m_subject.rewrite ? m_subject.rewrite(answer.decision.rewrite) : fail(Error::Kind::Invalid, {});
        if (done)
            m_advice.rewrittenBy += answer.source;
        else
            taken.decision = {.kind = Kind::Deny, .reason = u"its rewrite is refused: "_s + done.error().message};
    }
    if (const auto told = hooks::toEvent(taken, m_subject.moment, m_subject.call, what))
        emit event(*told);
    take(std::move(taken));
}

void Consultation::take(Answer answer)
{
    const Decision &decision = answer.decision;
    if (!decision.context.isEmpty())
        m_advice.contexts += decision.context;
    const bool isApproval = m_subject.moment == HookMoment::Approval;
    if (decision.kind == Kind::Ask && !m_advice.asked)
        m_advice.asked = answer;
    const bool decides = decision.kind == Kind::Deny || decision.kind == Kind::Again ||
                         (isApproval && (decision.kind == Kind::Allow || decision.kind == Kind::Rewrite));
    if (!decides)
        return;
    m_advice.decided = std::move(answer);
    m_round->stop();
    end();
}

void Consultation::end()
{
    emit finished(m_advice);
}

} // namespace nightshift::engine
