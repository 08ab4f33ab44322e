#pragma once
#include "batch/batch.h"
#include "batch/runner.h"
#include "host/pathrules.h"
#include "script/scriptthread.h"
#include <deque>
#include <map>
#include <utility>

namespace nightshift::host {

/// The agents of a script: what its run() asks for, so many at a time.
class Runs : public QObject
{
    Q_OBJECT

public:
    /// 0 asks as many as the servers bear. `folder` is the script's. What is given outlives this.
    Runs(batch::Runner &runner, PathRules rules, int concurrency);
    ~Runs() override;

    /// Whom functions are called in that decide about results.
    void setScript(script::ScriptThread *script) { m_script = script; }
    /// The runs are shared with all workers that claim theirs there; what others do is waited for.
    void setClaims(batch::Claims *claims);
    batch::Claims *claims() const { return m_claims; }
    /// `call` is {"options", "judge": a number or nothing, "optional": true where a failure is none of the script's}.
    void run(const RawJson &call, const script::Answer &answer);
    /// Numbers for so many items that others run; the first of them.
    qint64 reserve(qint64 count) { return std::exchange(m_asked, m_asked + count); }
    /// An item that others ran has ended.
    void settle(const batch::ItemResult &result);
    /// Calls functions of the script that decide about results.
    void judge(int judge, const batch::ItemResult &result, batch::ItemRun::Verdict verdict);
    /// A failure that is no agent's.
    void noteFailure(const QString &key, const QString &message);
    /// Takes no more, and ends those under way in good order.
    void stop();
    /// Takes no more; those under way go on.
    void finish() { refuseWaiting(); }
    bool isIdle() const { return m_inside == 0; }
    void setPaused(bool paused);
    void setConcurrency(int concurrency) { m_concurrency = concurrency; }
    int concurrency() const { return m_concurrency; }

    /// Turns of sessions need a place beside them, too: `go` is called when there is one.
    void enter(std::function<void()> go);
    void leave();

    bool isStopped() const { return m_isStopped; }
    batch::Progress progress() const;
    /// In the order of the calls; `failures` without what was optional.
    const std::map<qint64, batch::ItemResult> &results() const { return m_results; }
    qint64 failures() const { return m_failures; }

signals:
    /// Something is going to end a batch if it goes on like this.
    void warned(const QString &sentence);
    /// It will run again.
    void stale(const QString &key, const QString &why);
    /// Nothing more may run before the user has said so: the most of what was finished would be thrown away.
    void braked(const QString &sentence);
    void itemDone(const nightshift::batch::ItemResult &result);

private:
    struct Call
    {
        batch::PreparedItem item;
        int judge = 0;
        bool optional = false;
        script::Answer answer;
    };
    Result<Call> prepare(const RawJson &call);
    void start(Call call);
    bool isLeftToOthers(Call &call);
    void onFinished(batch::ItemRun *run, const Call &call, const batch::ItemResult &result);
    void hold(const Call &call);
    void release();
    void pump();
    void refuseWaiting();

    batch::Runner &m_runner;
    const PathRules m_rules;
    int m_concurrency;
    script::ScriptThread *m_script = nullptr;
    std::deque<std::function<void()>> m_waiting;
    std::vector<std::pair<batch::ItemRun *, batch::Progress::Running>> m_running;
    std::map<qint64, batch::ItemResult> m_results;
    qint64 m_asked = 0;
    qint64 m_inside = 0;
    qint64 m_failures = 0;
    qint64 m_stale = 0;
    std::vector<Call> m_held; ///< Stale ones, until the script has nothing more to ask for.
    bool m_isStopped = false;
    bool m_isPaused = false;
    batch::Claims *m_claims = nullptr;
    std::vector<Call> m_others; ///< That other workers do.
    QStringList m_failed;       ///< Of what we claimed: others may try it, later.
    QTimer m_look;
};

} // namespace nightshift::host
