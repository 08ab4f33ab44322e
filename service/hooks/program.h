#pragma once
#include "domain/hooks.h"
#include "tools/attachedprocess.h"

namespace nightshift::hooks {

/// One question to a hook that is a program: the event on its stdin, the decision on its stdout, as the user, outside
/// of the sandbox. Deleting it kills its whole process tree.
class ProgramJob : public QObject, public HookJob
{
    Q_OBJECT

public:
    using Answered = std::function<void(const HookReply &)>;
    ProgramJob(const tools::Sandbox &sandbox, const tools::AttachedProcess::Options &options,
               const HookQuestion &question, Answered answered);

private:
    void onOutput();
    void onFinished();
    void onFailedStart();
    void end(const HookReply &reply);

    HookMoment m_moment;
    Answered m_answered;
    QByteArray m_output;
    QByteArray m_errors; ///< The beginning of stderr.
    tools::AttachedProcess m_program;
};

/// The file of `--hooks`, when it is a program: asked about prompts, calls, approvals and the turn's end.
class ProgramHooks : public HookSource
{
public:
    /// `settings.path` must be executable. The program runs in `cwd`, which is absolute.
    static Result<std::shared_ptr<ProgramHooks>> open(const HookFileSettings &settings, const QString &cwd,
                                                      const QStringList &environment);

    QString name() const override { return m_settings.path; }
    bool wants(HookMoment moment) const override;
    std::unique_ptr<HookJob> ask(const HookQuestion &question, ProgramJob::Answered answered) override;
    std::chrono::milliseconds deadline(HookMoment) const override { return m_settings.deadline; }
    HookFailure onFailure() const override { return m_settings.onFailure; }

private:
    ProgramHooks(HookFileSettings settings, tools::Sandbox noSandbox, tools::AttachedProcess::Options options);

    HookFileSettings m_settings;
    tools::Sandbox m_noSandbox;
    tools::AttachedProcess::Options m_options;
};

/// What only watches a process tree.
Result<tools::Sandbox> noSandbox();

} // namespace nightshift::hooks
