#pragma once
#include "host/openedscript.h"

namespace nightshift::host {

/// `nightshift batch plan SCRIPT`: runs the script with nobody behind it and prints what it would ask for.
///
/// What was done before is answered from the journal, all else by an example of what its schema wants; nothing is
/// asked, written, applied or run. What a script makes of answers is therefore planned as far as examples lead it.
class PlanJob final : public QObject, public batch::RunningBatch
{
    Q_OBJECT

public:
    PlanJob(batch::BatchOrder order, const batch::Surroundings &surroundings, batch::BatchCallbacks callbacks);
    ~PlanJob() override;
    Result<> start();

    void stop(int signal) override;
    void showProgress() override {}

private:
    void planAgain();
    script::HostModule makeModule();
    void onRun(const RawJson &call, const script::Answer &answer);
    void onBatch(const RawJson &call, const script::Answer &answer);
    Result<batch::ItemResult> add(batch::Options options);
    void onScriptEnded(const script::Outcome &outcome);

    const batch::BatchOrder m_order;
    const batch::Surroundings &m_surroundings;
    const batch::BatchCallbacks m_callbacks;
    OpenedScript m_opened;
    std::unique_ptr<batch::Runner> m_runner;
    std::unique_ptr<script::ScriptThread> m_script;
    std::vector<std::vector<batch::PreparedItem>> m_plans; ///< One, or two of the same.
    qint64 m_turns = 0;                                    ///< Of sessions, in all plans.
};

} // namespace nightshift::host
