#include "tools/runningcommands.h"
#include <QRandomGenerator>

namespace nightshift::tools {

RunningCommands::RunningCommands(const Sandbox &sandbox, Login login, Tell tell, QObject *parent)
    : QObject(parent)
    , m_sandbox(sandbox)
    , m_tell(std::move(tell))
{
    if (login == Login::EachTime)
        return;
    m_snapshot = new ShellSnapshot(sandbox, this);
    connect(m_snapshot, &ShellSnapshot::ended, this, [this] { checkSettled(); });
}

RunningCommand *RunningCommands::start(CommandRun::Options options, const CallId &call, const Permit &permit)
{
    CommandLine asked{options.argv, options.cwd, options.actions};
    if (m_snapshot && !permit.unsandboxed)
        options = m_snapshot->restored(std::move(options));
    const Sandbox sandbox = permit.unsandboxed ? m_sandbox.opened() : m_sandbox;
    auto *command = new RunningCommand(sandbox, std::move(asked), std::move(options), call, m_tell, this);
    m_commands += command;
    connect(command, &RunningCommand::ended, this, [this, command] { onEnded(command); });
    return command;
}

int RunningCommands::keep(RunningCommand *command)
{
    while (!command->number) {
        const int number = QRandomGenerator::global()->bounded(1000, 100'000); // the reference's range
        if (!find(number))
            command->number = number;
    }
    return *command->number;
}

void RunningCommands::interrupt()
{
    for (RunningCommand *command : std::as_const(m_commands)) {
        if (!command->end())
            command->interrupt();
    }
}

RunningCommand *RunningCommands::find(qint64 number) const
{
    for (RunningCommand *command : m_commands) {
        if (command->number == number)
            return command;
    }
    return nullptr;
}

void RunningCommands::forget(RunningCommand *command)
{
    if (m_commands.removeOne(command))
        command->deleteLater(); // others may be waiting for the same end
}

void RunningCommands::drop(RunningCommand *command)
{
    if (m_commands.removeOne(command))
        delete command;
}

void RunningCommands::settle()
{
    m_isSettling = true;
    if (m_snapshot)
        m_snapshot->stop();
    for (RunningCommand *command : QList(m_commands)) {
        if (command->end())
            forget(command);
        else
            command->kill();
    }
    checkSettled();
}

void RunningCommands::onEnded(RunningCommand *command)
{
    if (!m_isSettling)
        return;
    forget(command);
    checkSettled();
}

void RunningCommands::checkSettled()
{
    if (!m_isSettling || !m_commands.isEmpty() || (m_snapshot && m_snapshot->isTaking()))
        return;
    m_isSettling = false;
    QMetaObject::invokeMethod(this, &RunningCommands::settled, Qt::QueuedConnection);
}

} // namespace nightshift::tools
