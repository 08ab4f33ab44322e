#include "answers.h"
#include "app/values.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

SettingFlags Answers::settings() const
{
    SettingFlags flags{
        .overrides = values(Option::Config),
        .features = {},
        .profile = value(Option::Profile),
        .model = value(Option::Model),
        .provider = value(Option::Provider),
        .localProvider = value(Option::LocalProvider),
        .sandbox = value(Option::Sandbox),
        .approval = value(Option::Approval),
        .isolation = value(Option::Isolation),
        .cd = value(Option::Cd),
        .addDirs = values(Option::AddDir),
        .oss = has(Option::Oss),
        .webSearch = has(Option::Search),
        .bypassSandbox = has(Option::Bypass),
        .approveForMe = has(Option::ApproveForMe),
        .bypassHookTrust = has(Option::BypassHookTrust),
        .hookFiles = values(Option::HookFile),
        .hookFailure = value(Option::HookOnFailure),
        .trust = has(Option::Trust),
        .strictConfig = has(Option::StrictConfig),
        .ignoreUserConfig = has(Option::IgnoreUserConfig),
        .ignoreRules = has(Option::IgnoreRules),
    };
    for (const Arguments::Given &given : m_arguments.given) {
        if (given.option == Option::Enable || given.option == Option::Disable)
            flags.features.push_back({given.value, given.option == Option::Enable});
    }
    if (const auto time = value(Option::HookTimeout))
        flags.hookTimeout = durationFromText(*time);
    if (has(Option::Worktree))
        flags.isolation = u"worktree"_s;
    if (!flags.sandbox && (flags.approveForMe || has(Option::FullAuto)))
        flags.sandbox = u"workspace-write"_s;
    return flags;
}

RunLimits Answers::limits() const
{
    RunLimits limits;
    if (const auto text = value(Option::MaxRequests))
        limits.requests = text->toLongLong();
    if (const auto text = value(Option::MaxTokens))
        limits.tokens = text->toLongLong();
    if (const auto text = value(Option::MaxCost))
        limits.costUsd = text->toDouble();
    if (const auto text = value(Option::Timeout))
        limits.time = durationFromText(*text);
    return limits;
}

Tape Answers::tape() const
{
    const auto text = [this](Option option) { return value(option).value_or(QString()); };
    const QString miss = text(Option::ReplayMiss);
    return {.record = text(Option::Record),
            .replay = text(Option::Replay),
            .faults = text(Option::ReplayFault),
            .miss = miss == "live"_L1     ? Tape::Miss::Live
                    : miss == "append"_L1 ? Tape::Miss::Append
                                          : Tape::Miss::Error,
            .tools = has(Option::ReplayTools)};
}

} // namespace nightshift::app
