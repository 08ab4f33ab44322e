#include "tools/runningcommand.h"

namespace nightshift::tools {

namespace {

constexpr qsizetype keptBytes = 1 << 20; // of a command's output; models and logs are shown far less
constexpr int neverRanCode = -1;         // the reference's, which clients know

} // namespace

RunningCommand::RunningCommand(const Sandbox &sandbox, CommandLine command, CommandRun::Options options, CallId call,
                               Tell tell, QObject *parent)
    : QObject(parent)
    , m_call(std::move(call))
    , m_command(std::move(command))
    , m_tty(options.tty)
    , m_tell(std::move(tell))
    , m_all(keptBytes)
{
    m_clock.start();
    m_tell(CommandStarted{m_call, m_command});
    m_run = new CommandRun(sandbox, std::move(options), this);
    connect(m_run, &CommandRun::output, this, &RunningCommand::onOutput);
    connect(m_run, &CommandRun::finished, this, &RunningCommand::onFinished);
}

OutputWindow RunningCommand::takeOutput()
{
    if (m_unseen)
        return std::exchange(*m_unseen, OutputWindow(keptBytes));
    m_unseen = OutputWindow(keptBytes);
    return m_end ? std::exchange(m_all, OutputWindow(keptBytes)) : m_all;
}

void RunningCommand::onOutput(const QByteArray &bytes)
{
    m_all.feed(bytes);
    if (m_unseen)
        m_unseen->feed(bytes);
    m_tell(CommandOutput{m_call, bytes});
}

void RunningCommand::onFinished(const CommandEnd &end)
{
    m_end = end;
    const QString output = end.error ? end.error->message : QString::fromUtf8(m_all.text());
    if (m_unseen)
        m_all = OutputWindow(keptBytes); // told now; the command may wait long for a poll
    const std::optional<int> exitCode = end.error ? neverRanCode : end.exitCode;
    m_tell(CommandFinished{m_call, m_command, output, exitCode, std::chrono::milliseconds(m_clock.elapsed())});
    emit ended();
}

void tellNeverRan(const Tell &tell, const CallId &call, const CommandLine &command, const QString &why)
{
    tell(CommandStarted{call, command});
    tell(CommandFinished{call, command, why, neverRanCode, {}});
}

} // namespace nightshift::tools
