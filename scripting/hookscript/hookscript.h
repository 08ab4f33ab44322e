#pragma once
#include "domain/hooks.h"
#include <QProcess>
#include <QStringList>
#include <QTimer>
#include <map>

namespace nightshift::hookscript {

class HookScript;

/// A question to a script.
class ScriptJob : public HookJob
{
public:
    ScriptJob(HookScript &script, qint64 id)
        : m_script(script)
        , m_id(id)
    {}
    ~ScriptJob() override;

private:
    HookScript &m_script;
    const qint64 m_id;
};

/// A file of hooks in JavaScript or TypeScript, in a process of its own (hookrunner), which is started anew when it
/// ends: what it was asked then has no answer, unless we ended it, and the file's variables are as at first.
class HookScript : public QObject, public HookSource
{
    Q_OBJECT

public:
    using Answered = std::function<void(const HookReply &)>;

    /// Starts `runner` and waits until the file is loaded. The error names the place in the file.
    static Result<std::unique_ptr<HookScript>> open(const HookFileSettings &settings, const QString &runner);
    ~HookScript() override;

    QString name() const override { return m_settings.path; }
    bool wants(HookMoment moment) const override { return m_hooks.contains(hookName(moment)); }
    std::unique_ptr<HookJob> ask(const HookQuestion &question, Answered answered) override;
    std::chrono::milliseconds deadline(HookMoment) const override { return m_settings.deadline; }
    HookFailure onFailure() const override { return m_onFailure; }

private:
    friend class ScriptJob;
    struct Question
    {
        RawJson line;
        Answered answered; ///< Empty once it was withdrawn.
    };
    HookScript(HookFileSettings settings, QString runner);
    Result<> load();
    void startRunner();
    void onOutput();
    void take(const QByteArray &line);
    void onEnded();
    void askAgain();
    void withdraw(qint64 id);
    void answer(qint64 id, const HookReply &reply);

    const HookFileSettings m_settings;
    const QString m_runner;
    QStringList m_hooks;
    HookFailure m_onFailure;
    std::optional<Result<>> m_loaded; ///< Of the process that runs now.
    std::unique_ptr<QProcess> m_process;
    bool m_wasStopped = false; ///< By us, for a question that was withdrawn.
    QByteArray m_output;
    std::map<qint64, Question> m_questions;
    qint64 m_lastId = 0;
};

} // namespace nightshift::hookscript
