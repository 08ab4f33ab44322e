#include "tools/stdintool.h"
#include "tools/answerjob.h"
#include "tools/callarguments.h"
#include "tools/commandwait.h"
#include "tools/exectool.h"
#include "tools/toolschema.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::tools {

namespace {

/// What hinders typing, or nothing. Without a terminal ^C still means what it says.
std::optional<QString> type(RunningCommand *command, const QString &text)
{
    if (command->end())
        return {}; // it can be reported all the same
    if (command->hasTerminal())
        command->write(text.toUtf8());
    else if (text == "\x03"_L1)
        command->interrupt();
    else if (!text.isEmpty())
        return u"stdin is closed for this session; rerun exec_command with tty=true to keep stdin open"_s;
    return {};
}

} // namespace

StdinTool::StdinTool(const Settings &settings, RunningCommands *commands)
    : m_commands(commands)
    , m_longestPoll(settings.backgroundTerminalMaxTimeout)
    , m_policyTokens(outputPolicyTokens(settings))
{}

RawJson StdinTool::definition() const
{
    using namespace schema;
    static const RawJson written = function(
        "write_stdin", "Types into a running command and returns its new output; with no text it only waits.",
        object({{"session_id", number("The session ID that exec_command returned.")},
                {"chars", string("Text to type; \\u0003 interrupts, \\u0004 ends input. Default: none.")},
                {"yield_time_ms", number("How long to wait for output: after typing up to 30000, default 250; "
                                         "otherwise at least 5000.")},
                {"max_output_tokens", number("How much output to return; the middle is left out. Default: 10000.")}},
               {u"session_id"_s}));
    return written;
}

ToolJob *StdinTool::start(const ToolCall &call, QObject *parent)
{
    CallArguments arguments(call.arguments);
    const qint64 number = arguments.integer("session_id", CallArguments::Need::Required).value_or(0);
    const QString text = arguments.string("chars").value_or(QString());
    const std::optional<qint64> wait = arguments.amount("yield_time_ms");
    const qint64 tokens = arguments.amount("max_output_tokens").value_or(usualOutputTokens);
    if (arguments.problem())
        return answerText(call, *arguments.problem(), parent);

    RunningCommand *command = m_commands->find(number);
    if (!command)
        return answerText(call, u"write_stdin failed: Unknown process id %1"_s.arg(number), parent);
    if (const std::optional<QString> why = type(command, text))
        return answerText(call, u"write_stdin failed: "_s + *why, parent);
    const CommandWait::Options options{
        waitTime(text.isEmpty(), wait), CommandWait::Late::Keep, {tokens, m_policyTokens}};
    return new CommandWait(m_commands, command, call.id, options, parent);
}

/// The reference's bounds: an answer to typing comes soon, and a poll that asks often costs a request each.
std::chrono::milliseconds StdinTool::waitTime(bool polls, std::optional<qint64> wanted) const
{
    constexpr auto shortestPoll = 5000ms;
    const std::chrono::milliseconds time(qMin(wanted.value_or(250), qint64(INT_MAX)));
    if (polls)
        return qBound(shortestPoll, time, qMax(shortestPoll, m_longestPoll));
    return qBound(250ms, time, 30'000ms);
}

} // namespace nightshift::tools
