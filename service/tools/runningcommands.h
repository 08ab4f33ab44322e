#pragma once
#include "tools/runningcommand.h"
#include "tools/shellsnapshot.h"
#include <QList>

namespace nightshift::tools {

/// The commands of one session that run, or have ended and not been reported.
class RunningCommands : public QObject
{
    Q_OBJECT

public:
    /// Whether login files are read by every command, or by the first ones.
    enum class Login { EachTime, Snapshot };
    /// `sandbox` outlives this.
    RunningCommands(const Sandbox &sandbox, Login login, Tell tell, QObject *parent);

    RunningCommand *start(CommandRun::Options options, const CallId &call, const Permit &permit = {});
    /// Keeps the command beyond its call; the number is its for as long as it is kept.
    int keep(RunningCommand *command);
    /// Null for a number that no command has, or has any more.
    RunningCommand *find(qint64 number) const;
    /// Releases a command that has ended and was reported, once.
    void forget(RunningCommand *command);
    /// Kills a command without a word, if it is still there.
    void drop(RunningCommand *command);

    /// SIGINT for each that runs.
    void interrupt();
    /// Kills what runs and forgets what was not asked for; settled() follows when nothing is left.
    void settle();

signals:
    void settled();

private:
    void onEnded(RunningCommand *command);
    void checkSettled();

    const Sandbox &m_sandbox;
    Tell m_tell;
    ShellSnapshot *m_snapshot = nullptr; ///< Null where login files are read each time.
    QList<RunningCommand *> m_commands;
    bool m_isSettling = false;
};

} // namespace nightshift::tools
