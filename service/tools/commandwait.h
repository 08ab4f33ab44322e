#pragma once
#include "tools/commandreply.h"
#include "tools/runningcommands.h"
#include "tools/tool.h"
#include <QPointer>
#include <QTimer>

namespace nightshift::tools {

/// A call that reports on a command: when it ends, or as far as it has come when the time is up.
///
///   Waiting --(the command ends | time is up)--------> finished, once
///      '--(cancel | time is up for good)--> Killing --(the command ends)--> finished, once
///
/// Deleting it while it waits drops a command that no other call can ask for.
class CommandWait : public ToolJob
{
    Q_OBJECT

public:
    /// What becomes of a command that still runs when the time is up.
    enum class Late { Keep, Kill };
    struct Options
    {
        std::chrono::milliseconds time{};
        Late late = Late::Keep;
        ReplyBudget budget;
    };
    CommandWait(RunningCommands *commands, RunningCommand *command, CallId call, Options options, QObject *parent);
    ~CommandWait() override;

    void cancel() override;

private:
    void onTimeUp();
    void onEnded();
    QByteArray report();
    void finish(const QByteArray &text);

    QPointer<RunningCommands> m_commands; ///< The session's; it may be closed before the call is released.
    QPointer<RunningCommand> m_command;   ///< Null once it is reported.
    CallId m_call;
    Options m_options;
    QElapsedTimer m_clock;
    QTimer m_timer;
    bool m_isCanceled = false;
    bool m_isTimedOut = false;
};

} // namespace nightshift::tools
