#pragma once
#include "domain/settings.h"
#include "tools/runningcommands.h"

namespace nightshift::tools {

/// `write_stdin`: types into a command that still runs, or waits for more of it.
class StdinTool : public Tool
{
public:
    /// `commands` outlives this.
    StdinTool(const Settings &settings, RunningCommands *commands);

    QString name() const override { return QStringLiteral("write_stdin"); }
    RawJson definition() const override;
    ToolJob *start(const ToolCall &call, QObject *parent) override;

private:
    std::chrono::milliseconds waitTime(bool polls, std::optional<qint64> wanted) const;

    RunningCommands *m_commands;
    std::chrono::milliseconds m_longestPoll;
    qint64 m_policyTokens;
};

} // namespace nightshift::tools
