#pragma once
#include "domain/settings.h"
#include "hooks/program.h"
#include <QRegularExpression>

namespace nightshift::hooks {

/// One command of the settings' `hooks.EVENT`: the reference's hooks, with its events and its JSON, but closed where
/// they fail. Source: https://developers.openai.com/codex/hooks
class SettingsHook : public HookSource
{
public:
    /// All of the settings that can ever run, in their order. The error names the file of a matcher that is no
    /// regular expression.
    static Result<HookSources> open(const Settings &settings, const QStringList &environment);

    QString name() const override { return m_hook.source; }
    bool wants(HookMoment moment) const override;
    std::unique_ptr<HookJob> ask(const HookQuestion &question, ProgramJob::Answered answered) override;
    std::chrono::milliseconds deadline(HookMoment) const override { return m_hook.timeout; }
    HookFailure onFailure() const override { return m_hook.onFailure; }

private:
    SettingsHook(HookSettings hook, QRegularExpression matcher, tools::Sandbox noSandbox,
                 tools::AttachedProcess::Options options);
    bool matches(const RawJson &event) const;

    HookSettings m_hook;
    QRegularExpression m_matcher;
    tools::Sandbox m_noSandbox;
    tools::AttachedProcess::Options m_options;
};

} // namespace nightshift::hooks
