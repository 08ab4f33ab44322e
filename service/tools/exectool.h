#pragma once
#include "domain/settings.h"
#include "tools/commandenvironment.h"
#include "tools/commandrequest.h"
#include "tools/runningcommands.h"

namespace nightshift::tools {

class PatchTool;

/// `exec_command`: runs a command and reports on it at its end, or when the time is up. Also what older
/// models call instead: `shell`, `shell_command`, local_shell.
class ExecTool : public Tool
{
public:
    /// `commands` outlives this. `environment` is our own process's.
    ExecTool(const Settings &settings, RunningCommands *commands, Tell tell, QStringList environment,
             QString sessionId);

    /// Takes the commands that are nothing but a patch; outlives this.
    void setPatchTool(PatchTool *patch) { m_patchTool = patch; }

    void setInspector(InspectCommand inspect) { m_inspect = std::move(inspect); }

    QString name() const override { return QStringLiteral("exec_command"); }
    RawJson definition() const override;
    Proposal propose(const ToolCall &call) override;
    ToolJob *start(const ToolCall &call, QObject *parent) override;

private:
    std::optional<QString> refusal(const CommandRequest &request) const;
    CommandLine commandOf(const CommandRequest &request);
    QStringList argvOf(const CommandRequest &request);
    QStringList environmentOf(const ToolCall &call, const CommandRequest &request) const;
    ToolJob *run(const ToolCall &call, const CommandRequest &request, const CommandLine &command, QObject *parent);

    RunningCommands *m_commands;
    Tell m_tell;
    PatchTool *m_patchTool = nullptr;
    InspectCommand m_inspect;
    QStringList m_environment;
    EnvironmentPolicy m_policy;
    QString m_sessionId;
    QString m_cwd;
    QString m_shell; ///< Empty until the first command needs it.
    bool m_allowLoginShell;
    bool m_networkDisabled;
    qint64 m_policyTokens;
};

/// How much output a model may be shown at once.
qint64 outputPolicyTokens(const Settings &settings);
/// What a call that asks for nothing gets.
constexpr qint64 usualOutputTokens = 10'000;

} // namespace nightshift::tools
