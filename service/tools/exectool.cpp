#include "tools/exectool.h"
#include "tools/answerjob.h"
#include "tools/commandwait.h"
#include "tools/patchtool.h"
#include "tools/toolschema.h"
#include "tools/usershell.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::tools {

namespace {

CommandWait::Options waitFor(const CommandRequest &request, qint64 policyTokens)
{
    const ReplyBudget budget{request.maxOutputTokens.value_or(usualOutputTokens), policyTokens};
    if (request.timeout)
        return {*request.timeout, CommandWait::Late::Kill, budget};
    // The reference's bounds: short enough to stay in touch, long enough not to poll.
    return {qBound(250ms, request.yieldTime.value_or(10s), 30'000ms), CommandWait::Late::Keep, budget};
}

/// The patch, where all that the command does is apply one.
std::optional<ShellPatch> patchIn(const CommandRequest &request)
{
    const QStringList &argv = request.argv;
    if (argv.isEmpty())
        return patchInShellCommand(request.script);
    if (argv.size() == 2 && (argv[0] == "apply_patch"_L1 || argv[0] == "applypatch"_L1))
        return ShellPatch{.text = argv[1]};
    const bool shell = argv.size() == 3 && (argv[1] == "-c"_L1 || argv[1] == "-lc"_L1);
    return shell ? patchInShellCommand(argv[2]) : std::nullopt;
}

/// Why no command can run in that folder.
QString whyNotIn(const QString &folder, const QString &usual)
{
    const QString what = QFileInfo::exists(folder) ? u"is not a folder"_s : u"does not exist"_s;
    return u"the working directory `%1` %2; without `workdir` commands run in `%3`"_s.arg(folder, what, usual);
}

} // namespace

qint64 outputPolicyTokens(const Settings &settings)
{
    return settings.toolOutputTokenLimit.value_or(settings.modelInfo.outputTruncationTokens);
}

ExecTool::ExecTool(const Settings &settings, RunningCommands *commands, Tell tell, QStringList environment,
                   QString sessionId)
    : m_commands(commands)
    , m_tell(std::move(tell))
    , m_environment(std::move(environment))
    , m_policy(settings.environment)
    , m_sessionId(std::move(sessionId))
    , m_cwd(settings.cwd)
    , m_allowLoginShell(settings.allowLoginShell)
    , m_networkDisabled(settings.sandbox.mode != SandboxPolicy::Mode::DangerFullAccess &&
                        !settings.sandbox.networkAccess)
    , m_policyTokens(outputPolicyTokens(settings))
{}

RawJson ExecTool::definition() const
{
    using namespace schema;
    static const RawJson written = function(
        "exec_command",
        "Runs a shell command. Returns its output and exit code; a command that takes longer goes on and is given a "
        "session ID for write_stdin.",
        object({{"cmd", string("The shell command.")},
                {"workdir", string("Folder to run it in, relative to the working directory. Default: that one.")},
                {"shell", string("bash, zsh or sh. Default: the user's shell.")},
                {"login", boolean("Start the shell as a login shell. Default: true.")},
                {"tty", boolean("Give it a terminal, so that write_stdin can type. Default: false.")},
                {"yield_time_ms", number("How long to wait for its end, 250 to 30000. Default: 10000.")},
                {"max_output_tokens", number("How much output to return; the middle is left out. Default: 10000.")},
                {"sandbox_permissions", oneOf({u"use_default"_s, u"require_escalated"_s},
                                              "require_escalated asks to run outside the sandbox.")},
                {"justification", string("With require_escalated: why, for the user.")},
                {"prefix_rule",
                 listOf(json::object({{"type", "string"}}), "With require_escalated: how similar commands begin.")}},
               {u"cmd"_s}));
    return written;
}

CommandLine ExecTool::commandOf(const CommandRequest &request)
{
    const QString folder = QDir::cleanPath(QDir(m_cwd).absoluteFilePath(request.workdir));
    const QString real = QFileInfo(folder).canonicalFilePath(); // what is shown, approved and entered, without links
    return {argvOf(request), real.isEmpty() ? folder : real, {}};
}

Proposal ExecTool::propose(const ToolCall &call)
{
    const auto nothing = [](const QString &why) { return Proposal{.kind = Proposal::Kind::Nothing, .refusal = why}; };
    const Result<CommandRequest> request = readCommandRequest(call);
    if (!request)
        return nothing(request.error().message);
    if (const std::optional<QString> why = refusal(*request))
        return nothing(*why);
    const CommandLine command = commandOf(*request);
    const CommandInsight insight = m_inspect ? m_inspect(command.argv) : CommandInsight();
    if (insight.refusal)
        return nothing(*insight.refusal);
    if (const auto patch = m_patchTool ? patchIn(*request) : std::nullopt)
        return m_patchTool->proposeFromShell(*patch, command.cwd);
    return {.kind = Proposal::Kind::Command,
            .command = command,
            .escalated = request->escalated,
            .justification = request->justification,
            .approval = insight.approval};
}

ToolJob *ExecTool::start(const ToolCall &call, QObject *parent)
{
    const Result<CommandRequest> request = readCommandRequest(call);
    if (!request)
        return answerText(call, request.error().message, parent);
    if (const std::optional<QString> why = refusal(*request))
        return answerText(call, *why, parent);
    if (request->escalated && !call.permit.unsandboxed)
        return answerText(call,
                          u"approval policy is Never: nobody can let this command out of the sandbox; run it "
                          "without sandbox_permissions, or do without it"_s,
                          parent);

    CommandLine command = commandOf(*request);
    if (m_inspect) {
        CommandInsight insight = m_inspect(command.argv);
        if (insight.approval && !call.permit.approved)
            insight.refusal = *insight.approval + u"; nobody can give one during this run. The command did not run."_s;
        if (insight.refusal)
            return answerText(call, u"exec_command failed: "_s + *insight.refusal, parent);
        command.actions = std::move(insight.actions);
    }
    if (const auto patch = m_patchTool ? patchIn(*request) : std::nullopt)
        return m_patchTool->startFromShell(call, *patch, command.cwd, parent);
    if (QFileInfo(command.cwd).isDir())
        return run(call, *request, command, parent);
    const QString why = whyNotIn(command.cwd, m_cwd);
    tellNeverRan(m_tell, call.id, command, why);
    return answerText(call, u"exec_command failed: "_s + why, parent);
}

std::optional<QString> ExecTool::refusal(const CommandRequest &request) const
{
    if (request.login.value_or(false) && !m_allowLoginShell)
        return u"login shells are switched off by the setting allow_login_shell; leave `login` out or set it to "
               "false"_s;
    return {};
}

QStringList ExecTool::argvOf(const CommandRequest &request)
{
    if (!request.argv.isEmpty())
        return request.argv;
    if (m_shell.isEmpty())
        m_shell = userShell(m_environment);
    const bool login = request.login.value_or(m_allowLoginShell);
    return shellCommand(shellNamed(request.shell, m_shell), request.script, login ? Login::Yes : Login::No);
}

QStringList ExecTool::environmentOf(const ToolCall &call, const CommandRequest &request) const
{
    QStringList environment = commandEnvironment(m_environment, m_policy,
                                                 {m_sessionId, call.id, m_networkDisabled && !call.permit.unsandboxed});
    for (const QString &variable : request.environment) {
        const QStringView name = QStringView(variable).first(variable.indexOf(u'=') + 1);
        environment.removeIf([name](const QString &other) { return other.startsWith(name); });
        environment += variable;
    }
    return environment;
}

ToolJob *ExecTool::run(const ToolCall &call, const CommandRequest &request, const CommandLine &command, QObject *parent)
{
    CommandRun::Options options{.argv = command.argv,
                                .cwd = command.cwd,
                                .environment = environmentOf(call, request),
                                .tty = request.tty,
                                .actions = command.actions};
    RunningCommand *started = m_commands->start(std::move(options), call.id, call.permit);
    return new CommandWait(m_commands, started, call.id, waitFor(request, m_policyTokens), parent);
}

} // namespace nightshift::tools
