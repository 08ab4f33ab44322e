#include "judgement.h"
#include "base/ids.h"
#include "engine/rewriting.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

using hooks::Answer;
using hooks::Decision;
using tools::Proposal;
using Resolution = ApprovalResolved::Decision;

Judgement::Judgement(Gate &gate, const ToolCall &call, const std::optional<Approval> &pending, QObject *parent)
    : QObject(parent)
    , m_gate(gate)
    , m_verdict{call, {}, {}}
    , m_proposal(gate.parts().tools.propose(call))
{
    m_gate.beginWait();
    const bool isAsked = m_proposal.kind != Proposal::Kind::Nothing && gate.asks(momentOf(m_proposal));
    if (pending) {
        m_asked = pending->kind;
        waitFor(m_gate.approvals().resume(*pending, gate.parts().settings.approvalTerms, this));
    } else if (isAsked) {
        consultHooks();
    } else {
        QMetaObject::invokeMethod(this, [this] { considerApproval({}); }, Qt::QueuedConnection);
    }
}

Judgement::~Judgement()
{
    if (!m_isOver)
        m_gate.endWait();
}

void Judgement::cancel()
{
    if (std::exchange(m_isOver, true))
        return;
    if (m_wait)
        m_wait->cancel();
    m_gate.endWait();
}

void Judgement::consultHooks()
{
    const HookMoment moment = momentOf(m_proposal);
    auto *consultation = m_gate.consult(
        {.moment = moment,
         .call = m_verdict.call.id,
         .what = [this] { return aboutOf(m_verdict.call, m_proposal); },
         .event =
             [this, moment] {
                 return callEvent(moment, m_gate.place(), m_verdict.call, m_proposal, m_gate.parts().parse);
             },
         .rewrite = [this](const Decision::Rewrite &wanted) { return rewrite(wanted); }},
        this);
    connect(consultation, &Consultation::finished, this, &Judgement::onAdvised);
}

/// The rules look at it again: a rewrite must not be a way around them.
Result<> Judgement::rewrite(const Decision::Rewrite &wanted)
{
    const auto changed = rewritten(m_verdict.call, m_proposal, wanted);
    if (!changed)
        return std::unexpected(changed.error());
    const Proposal proposal = m_gate.parts().tools.propose(*changed);
    if (proposal.kind == Proposal::Kind::Nothing)
        return fail(Error::Kind::Denied, proposal.refusal);
    m_verdict.call = *changed;
    m_proposal = proposal;
    return {};
}

void Judgement::onAdvised(const Advice &advice)
{
    if (m_isOver)
        return;
    m_gate.addContexts(advice.contexts);
    if (!advice.rewrittenBy.isEmpty())
        m_verdict.told += u"The call was rewritten by the hook %1; this ran instead: %2"_s.arg(
            advice.rewrittenBy.join(", "_L1), aboutOf(m_verdict.call, m_proposal));
    if (!advice.isDenied())
        return considerApproval(advice.asked);
    const Decision &decision = advice.decided->decision;
    const QString why = decision.failed ? u"the hook failed: "_s + decision.reason : decision.reason;
    if (decision.abort)
        m_gate.abort(u"the hook %1 ended the turn: %2"_s.arg(advice.decided->source, why));
    deny(u"the hook %1"_s.arg(advice.decided->source), why);
}

/// What the settings forbid as a whole is left to the tools, which refuse it in their own words.
void Judgement::considerApproval(const std::optional<Answer> &asked)
{
    const Settings &settings = m_gate.parts().settings;
    const bool wanted = m_proposal.approval || m_proposal.escalated;
    const bool mayAsk = settings.approval == ApprovalPolicy::OnRequest && wanted;
    if (m_proposal.kind == Proposal::Kind::Nothing || (!asked && !mayAsk))
        return end();
    const Approval approval = approvalFor(asked);
    m_asked = approval.kind;
    if (m_gate.approvals().isGranted(approval))
        return allow();
    ApprovalTerms terms = settings.approvalTerms;
    if (asked && asked->decision.wait)
        terms = {*asked->decision.wait, asked->decision.allowUnanswered};
    askForApproval(approval, terms);
}

Approval Judgement::approvalFor(const std::optional<Answer> &asked) const
{
    using Kind = Approval::Kind;
    Approval approval{
        .id = newId(), .call = m_verdict.call.id, .reason = m_proposal.approval.value_or(m_proposal.justification)};
    if (asked && approval.reason.isEmpty())
        approval.reason = asked->decision.reason.isEmpty() ? u"the hook %1 wants somebody to agree"_s.arg(asked->source)
                                                           : asked->decision.reason;
    switch (m_proposal.kind) {
    case Proposal::Kind::Command:
        approval.kind = m_proposal.escalated ? Kind::Sandbox : Kind::Command;
        approval.command = m_proposal.command;
        break;
    case Proposal::Kind::Patch:
        approval.kind = Kind::Patch;
        approval.changes = m_proposal.changes;
        break;
    case Proposal::Kind::Nothing:
    case Proposal::Kind::Tool:
        approval.kind = Kind::Tool;
        approval.tool = toolName(m_verdict.call);
        approval.arguments = {m_verdict.call.arguments};
        break;
    }
    return approval;
}

void Judgement::askForApproval(const Approval &approval, ApprovalTerms terms)
{
    if (!m_gate.asks(HookMoment::Approval))
        return waitFor(m_gate.approvals().request(approval, terms, this));
    auto *consultation = m_gate.consult({.moment = HookMoment::Approval,
                                         .call = m_verdict.call.id,
                                         .what = [this] { return aboutOf(m_verdict.call, m_proposal); },
                                         .event =
                                             [this, approval] {
                                                 return approvalEvent(m_gate.place(), m_verdict.call, m_proposal,
                                                                      approval, m_gate.parts().parse);
                                             }},
                                        this);
    connect(consultation, &Consultation::finished, this,
            [this, approval, terms](const Advice &advice) { onApprovalAdvised(advice, approval, terms); });
}

void Judgement::onApprovalAdvised(const Advice &advice, const Approval &approval, ApprovalTerms terms)
{
    if (m_isOver)
        return;
    if (advice.asked && advice.asked->decision.wait)
        terms = {*advice.asked->decision.wait, advice.asked->decision.allowUnanswered};
    if (!advice.decided)
        return waitFor(m_gate.approvals().request(approval, terms, this));
    const Decision &decision = advice.decided->decision;
    ApprovalAnswer answer{.by = u"hook %1"_s.arg(advice.decided->source), .message = decision.reason, .command = {}};
    if (decision.kind == Decision::Kind::Allow)
        answer.decision = Resolution::Allow;
    if (decision.kind == Decision::Kind::Rewrite) {
        answer.decision = Resolution::Rewrite;
        answer.command = decision.rewrite.command.value_or(decision.rewrite.argv.join(u' '));
    }
    m_gate.approvals().record(approval, answer);
    if (decision.abort)
        m_gate.abort(u"the hook %1 ended the turn: %2"_s.arg(advice.decided->source, decision.reason));
    onResolved(*m_gate.approvals().resolution(approval.id));
}

void Judgement::waitFor(ApprovalWait *wait)
{
    m_wait = wait;
    connect(wait, &ApprovalWait::resolved, this, &Judgement::onResolved);
}

void Judgement::onResolved(const ApprovalResolved &how)
{
    m_wait = nullptr;
    if (m_isOver)
        return;
    switch (how.decision) {
    case Resolution::Allow:
        return allow();
    case Resolution::Rewrite:
        return onApproved(how);
    case Resolution::Deny:
    case Resolution::Expired:
    case Resolution::Cancelled:
        break;
    }
    deny(how.by, how.message);
}

void Judgement::onApproved(const ApprovalResolved &how)
{
    Decision::Rewrite wanted;
    if (m_proposal.kind == Proposal::Kind::Patch)
        wanted.patch = how.command;
    else if (m_proposal.kind == Proposal::Kind::Command)
        wanted.command = how.command;
    else
        wanted.arguments = RawJson{how.command.toUtf8()};
    if (const auto done = rewrite(wanted); !done)
        return deny(how.by, u"the command that was given instead is refused: "_s + done.error().message);
    m_verdict.told += u"The call was approved by %1 with a change; this ran instead: %2"_s.arg(
        how.by, aboutOf(m_verdict.call, m_proposal));
    allow();
}

void Judgement::allow()
{
    const bool leaves = m_asked == Approval::Kind::Sandbox || (m_asked == Approval::Kind::Patch && m_proposal.approval);
    m_verdict.call.permit = {.approved = true, .unsandboxed = leaves};
    end();
}

void Judgement::deny(const QString &who, const QString &why)
{
    const QString reason = why.isEmpty() ? QString() : u": "_s + why;
    m_verdict.denial = u"Denied by %1%2. It did not run: %3"_s.arg(who, reason, aboutOf(m_verdict.call, m_proposal));
    end();
}

void Judgement::end()
{
    if (std::exchange(m_isOver, true))
        return;
    m_gate.endWait();
    emit finished(m_verdict);
}

} // namespace nightshift::engine
