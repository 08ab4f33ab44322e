#pragma once
#include "engine/judgement.h"
#include "tools/tool.h"

namespace nightshift::engine {

/// A call that is judged, then run, then shown to the hooks that look at answers.
///
///   Judging --(allowed)--> Running --(answer)--> Showing --> finished
///        \--(denied)---------------------------------------> finished
class GatedCall : public tools::ToolJob
{
    Q_OBJECT

public:
    /// With `pending`, of a call that waited for this approval when its process was lost. The gate outlives this.
    GatedCall(Gate &gate, const ToolCall &call, const std::optional<Approval> &pending, QObject *parent);

    void cancel() override;

private:
    void onJudged(const Verdict &verdict);
    void onAnswered(const ToolAnswer &answer);
    void onShown(const Advice &advice);
    void answer(const QString &text);
    void end();

    Gate &m_gate;
    ToolCall m_call;
    Judgement *m_judgement;
    tools::Proposal m_proposal;
    QStringList m_told;
    tools::ToolJob *m_job = nullptr; ///< While it runs.
    Consultation *m_showing = nullptr;
    ToolAnswer m_answer;
};

} // namespace nightshift::engine
