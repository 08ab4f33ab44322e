#pragma once
#include "host/runs.h"

namespace nightshift::host {

/// batch() of scripts: the JSON of POST /v1/batches, its functions called before it comes here, run as one batch
/// beneath the script.
class BatchCalls : public QObject
{
    Q_OBJECT

public:
    /// What is given outlives this.
    BatchCalls(batch::Runner &runner, Runs &runs, PathRules rules);
    ~BatchCalls() override;

    /// `call` is {"spec", "judge": a number or nothing}; the answer is the report.
    void run(const RawJson &call, const script::Answer &answer);
    void stop();
    /// Begins no more items; those under way go on.
    void finish();
    void setPaused(bool paused);
    bool isIdle() const;

private:
    struct Running
    {
        std::unique_ptr<batch::Budget> budget;
        std::unique_ptr<batch::Batch> items; ///< Ends before its budget.
        qint64 first = 0;                    ///< The number of its first item.
        script::Answer answer;
    };
    void forEach(const std::function<void(batch::Batch &)> &what);
    Result<std::vector<batch::PreparedItem>> prepare(const std::vector<batch::Options> &items, qint64 first);
    void onFinished(Running *running, batch::Report report);

    batch::Runner &m_runner;
    Runs &m_runs;
    const PathRules m_rules;
    std::vector<std::unique_ptr<Running>> m_running;
    bool m_isPaused = false;
};

} // namespace nightshift::host
