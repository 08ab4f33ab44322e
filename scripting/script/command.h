#pragma once
#include "script/hostmodule.h"
#include <QByteArray>
#include <QObject>
#include <QProcess>
#include <QTimer>

namespace nightshift::script {

/// What a script's exec() runs: a command of the user, outside of every sandbox, with the process group that it makes.
/// Answers once, then it is gone; deleting it kills the group.
class Command : public QObject
{
    Q_OBJECT

public:
    /// `call` is {"argv": [...], "cwd", "timeout_s", "stdin"}; a relative `cwd` counts from `folder`. The answer is
    /// {"exit_code", "stdout", "stderr", "timed_out"}; `exit_code` is null where a signal ended it.
    static void run(const RawJson &call, const QString &folder, const Answer &answer, QObject *parent);
    ~Command() override;

private:
    Command(Answer answer, QObject *parent);
    void start(const QString &program, const QStringList &arguments, const QString &cwd, const QByteArray &input);
    void onFinished();
    void onError(QProcess::ProcessError error);
    void kill();

    const Answer m_answer;
    QProcess m_process;
    QTimer m_timeout;
    bool m_timedOut = false;
};

} // namespace nightshift::script
