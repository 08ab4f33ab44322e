#include "tools/commandwait.h"

namespace nightshift::tools {

CommandWait::CommandWait(RunningCommands *commands, RunningCommand *command, CallId call, Options options,
                         QObject *parent)
    : ToolJob(parent)
    , m_commands(commands)
    , m_command(command)
    , m_call(std::move(call))
    , m_options(options)
{
    m_clock.start();
    if (command->end()) { // between two polls
        QMetaObject::invokeMethod(this, &CommandWait::onEnded, Qt::QueuedConnection);
        return;
    }
    connect(command, &RunningCommand::ended, this, &CommandWait::onEnded);
    connect(&m_timer, &QTimer::timeout, this, &CommandWait::onTimeUp);
    m_timer.setSingleShot(true);
    m_timer.start(options.time);
}

CommandWait::~CommandWait()
{
    if (m_command && !m_command->number)
        m_commands->drop(m_command);
}

void CommandWait::cancel()
{
    if (!m_command)
        return;
    m_isCanceled = true;
    m_timer.stop();
    m_command->kill();
}

void CommandWait::onTimeUp()
{
    if (m_options.late == Late::Keep) {
        m_commands->keep(m_command);
        finish(report());
        return;
    }
    m_isTimedOut = true;
    m_command->kill();
}

void CommandWait::onEnded()
{
    m_timer.stop();
    const std::optional<Error> error = m_command->end()->error;
    const QByteArray text = error ? "exec_command failed: " + error->message.toUtf8() : report();
    m_commands->forget(m_command);
    finish(m_isCanceled ? abortedText(std::chrono::milliseconds(m_clock.elapsed())) : text);
}

QByteArray CommandWait::report()
{
    const OutputWindow output = m_command->takeOutput();
    CommandReply reply{.chunkId = newChunkId(),
                       .wallTime = std::chrono::microseconds(m_clock.nsecsElapsed() / 1000),
                       .output = output.text(),
                       .totalBytes = output.totalBytes(),
                       .omittedBytes = output.omittedBytes()};
    if (m_command->end())
        reply.exitCode = m_command->end()->exitCode;
    else
        reply.sessionId = m_command->number;
    if (m_isTimedOut)
        reply.timeout = m_options.time;
    return replyText(reply, m_options.budget);
}

void CommandWait::finish(const QByteArray &text)
{
    m_command = nullptr;
    emit finished({m_call, json::string(text)});
}

} // namespace nightshift::tools
