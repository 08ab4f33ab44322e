#pragma once
#include "base/jsonreader.h"
#include "domain/hooks.h"
#include "script/scriptthread.h"
#include <QStringList>
#include <mutex>

namespace nightshift::host {

/// The hooks() of a batch script, which runs in this process already. The script's thread says which there are, the
/// main thread asks them.
class ScriptHooks : public HookSource
{
public:
    /// `onFailure` where the script does not say it.
    ScriptHooks(QString path, std::chrono::milliseconds deadline, HookFailure onFailure)
        : m_path(std::move(path))
        , m_deadline(deadline)
        , m_onFailure(onFailure)
    {}

    void setScript(script::ScriptThread *script) { m_script = script; }
    /// Whether its answer lets commands leave the sandbox; else it can only say no.
    void setMayApprove(bool may) { m_mayApprove = may; }
    /// On any thread; `given` is {"names", "on_failure"}.
    void offer(JsonView given);
    /// From now on models are asked on only when the script has heard of what was done, so that it can say something.
    void listen() { m_isListening = true; }

    QString name() const override { return m_path; }
    bool wants(HookMoment moment) const override;
    std::unique_ptr<HookJob> ask(const HookQuestion &question,
                                 std::function<void(const HookReply &)> answered) override;
    std::chrono::milliseconds deadline(HookMoment moment) const override;
    HookFailure onFailure() const override;

private:
    bool offers(HookMoment moment) const;
    const QString m_path;
    const std::chrono::milliseconds m_deadline;
    script::ScriptThread *m_script = nullptr;
    mutable std::mutex m_mutex;
    QStringList m_names;
    HookFailure m_onFailure;
    bool m_isListening = false;
    bool m_mayApprove = false;
};

} // namespace nightshift::host
