#pragma once
#include "batch/batchjob.h"
#include "host/batchcalls.h"
#include "host/hooksource.h"
#include "host/openedscript.h"
#include "host/scriptlimits.h"
#include "host/sessioncalls.h"

namespace nightshift::host {

/// `nightshift batch SCRIPT`: from the file to the results in OUT and an exit code.
class ScriptJob final : public QObject, public batch::RunningBatch
{
    Q_OBJECT

public:
    ScriptJob(batch::BatchOrder order, const batch::Surroundings &surroundings, batch::BatchCallbacks callbacks);
    ~ScriptJob() override;
    /// All that can be told without running the script is found here.
    Result<> start();

    void stop(int signal) override;
    void showProgress() override;
    void change(const batch::BatchChange &change) override;

private:
    void setWall(std::optional<std::chrono::milliseconds> limit);
    void applyConfig(const ScriptConfig &config);
    Result<> beginJournal(const OpenedScript &script);
    script::HostModule makeModule();
    void addControl(script::HostModule &module);
    void addWorkersPart(script::HostModule &module);
    RawJson setLimits(JsonView call);
    void endAt(const QString &limit);
    void finishRunning();
    void onBraked(const QString &sentence);
    void onTick();
    void onItemDone(const batch::ItemResult &result);
    void onScriptEnded(const script::Outcome &outcome);
    void finish();
    batch::Report report() const;
    int exitCode(const batch::Report &report) const;
    void onMain(std::function<void()> what);

    const batch::BatchOrder m_order;
    const batch::Surroundings &m_surroundings;
    const batch::BatchCallbacks m_callbacks;
    batch::JobPlan m_plan;
    PathRules m_rules;
    std::unique_ptr<batch::Journal> m_journal;
    std::unique_ptr<batch::Runner> m_runner;
    std::unique_ptr<batch::Claims> m_claims; ///< Of a worker that shares its runs with others.
    std::unique_ptr<Runs> m_runs;
    std::unique_ptr<SessionCalls> m_sessions;
    std::unique_ptr<BatchCalls> m_batches;
    std::shared_ptr<ScriptHooks> m_hooks;
    std::unique_ptr<script::ScriptThread> m_script;
    std::optional<script::Outcome> m_outcome;
    QTimer m_tick;
    QTimer m_wall;          ///< Runs until the script's time is up.
    bool m_isAsked = false; ///< The script, whether it is alive.
    int m_signal = 0;
    bool m_isFinishing = false; ///< It is stopped once nothing is under way.
    QString m_endReason;        ///< The limit that ended it.
    QString m_refusal;          ///< Why nothing may run before the user has said so.
    qint64 m_seed = 0;
    ScriptLimits m_limits;
};

} // namespace nightshift::host
