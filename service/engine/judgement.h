#pragma once
#include "engine/gate.h"

namespace nightshift::engine {

/// What became of a call before it ran.
struct Verdict
{
    ToolCall call;                 ///< What may run, with its permit.
    std::optional<QString> denial; ///< Why it does not, for the model.
    QStringList told;              ///< Lines for the model before the answer: what was rewritten, and by whom.
};

/// Decides about one call. The hooks are asked in order; what one rewrites is looked at by the rules again, and shown
/// to the next. Then, where a rule, the sandbox or a hook wants it, somebody has to agree.
///
///   Hooks --(deny)--> finished
///     \--> Approval --(granted before | hook | answer | time is up)--> finished
///
/// Emits finished() exactly once, from the event loop. Deleting it withdraws all questions.
class Judgement : public QObject
{
    Q_OBJECT

public:
    /// With `pending`, of a call that an earlier process has come to this approval with.
    Judgement(Gate &gate, const ToolCall &call, const std::optional<Approval> &pending, QObject *parent);
    ~Judgement() override;

    /// The turn ends: an approval that is waited for is told to be cancelled. finished() does not come.
    void cancel();
    const tools::Proposal &proposal() const { return m_proposal; }

signals:
    void finished(const nightshift::engine::Verdict &verdict);

private:
    void consultHooks();
    Result<> rewrite(const hooks::Decision::Rewrite &rewrite);
    void onAdvised(const Advice &advice);
    void considerApproval(const std::optional<hooks::Answer> &asked);
    Approval approvalFor(const std::optional<hooks::Answer> &asked) const;
    void askForApproval(const Approval &approval, ApprovalTerms terms);
    void onApprovalAdvised(const Advice &advice, const Approval &approval, ApprovalTerms terms);
    void waitFor(ApprovalWait *wait);
    void onResolved(const ApprovalResolved &how);
    void onApproved(const ApprovalResolved &how);
    void allow();
    void deny(const QString &who, const QString &why);
    void end();

    Gate &m_gate;
    Verdict m_verdict;
    tools::Proposal m_proposal;
    Approval::Kind m_asked = Approval::Kind::Command;
    ApprovalWait *m_wait = nullptr;
    bool m_isOver = false;
};

} // namespace nightshift::engine
