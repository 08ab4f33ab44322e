#pragma once
#include "base/outputwindow.h"
#include "tools/commandrun.h"
#include "tools/tool.h"
#include <QElapsedTimer>

namespace nightshift::tools {

/// One command of the model from its start to its end: tells what happens to it, and keeps what it
/// printed until somebody reports that to the model.
class RunningCommand : public QObject
{
    Q_OBJECT

public:
    /// Tells that `command` started; everything else comes from the event loop. `options` say how it really runs.
    RunningCommand(const Sandbox &sandbox, CommandLine command, CommandRun::Options options, CallId call, Tell tell,
                   QObject *parent);

    /// By which the model asks for a command that outlives its call; absent for all others.
    std::optional<int> number;

    bool hasTerminal() const { return m_tty; }
    /// Absent while it runs.
    const std::optional<CommandEnd> &end() const { return m_end; }
    /// What came since this was last asked for.
    OutputWindow takeOutput();

    void write(const QByteArray &bytes) { m_run->write(bytes); }
    void interrupt() { m_run->interrupt(); }
    void kill() { m_run->kill(); }

signals:
    void ended();

private:
    void onOutput(const QByteArray &bytes);
    void onFinished(const CommandEnd &end);

    CallId m_call;
    CommandLine m_command;
    bool m_tty;
    Tell m_tell;
    QElapsedTimer m_clock;
    OutputWindow m_all;
    std::optional<OutputWindow> m_unseen; ///< Since some of it was taken; until then it is all of it.
    std::optional<CommandEnd> m_end;
    CommandRun *m_run;
};

/// The facts of a command that could not even be tried: every item that starts completes.
void tellNeverRan(const Tell &tell, const CallId &call, const CommandLine &command, const QString &why);

} // namespace nightshift::tools
