#include "settings.h"

using namespace Qt::StringLiterals;

namespace nightshift {

QLatin1StringView approvalName(ApprovalPolicy policy)
{
    return policy == ApprovalPolicy::OnRequest ? "on-request"_L1 : "never"_L1;
}

QLatin1StringView sandboxModeName(SandboxPolicy::Mode mode)
{
    switch (mode) {
    case SandboxPolicy::Mode::ReadOnly:
        return "read-only"_L1;
    case SandboxPolicy::Mode::WorkspaceWrite:
        return "workspace-write"_L1;
    case SandboxPolicy::Mode::DangerFullAccess:
        return "danger-full-access"_L1;
    }
    Q_UNREACHABLE_RETURN({});
}

double costOf(const Usage &usage, const ModelPrices &prices)
{
    const bool isLong = prices.longAboveTokens > 0 && usage.inputTokens > prices.longAboveTokens;
    const qint64 plain = qMax<qint64>(0, usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteInputTokens);
    const double input = double(plain) * prices.input + double(usage.cachedInputTokens) * prices.cachedInput +
                         double(usage.cacheWriteInputTokens) * prices.cacheWrite;
    const double output = double(usage.outputTokens) * prices.output;
    return wholeNanos(
        (input * (isLong ? prices.longInputFactor : 1) + output * (isLong ? prices.longOutputFactor : 1)) / 1e6);
}

Usage priced(Usage usage, const ModelInfo &model)
{
    if (model.prices)
        usage.costUsd = costOf(usage, *model.prices);
    return usage;
}

constexpr std::pair<Isolation, QLatin1StringView> isolationNames[] = {{Isolation::None, "none"_L1},
                                                                      {Isolation::Worktree, "worktree"_L1},
                                                                      {Isolation::Overlay, "overlay"_L1},
                                                                      {Isolation::Copy, "copy"_L1}};

QLatin1StringView isolationName(Isolation isolation)
{
    return isolationNames[int(isolation)].second;
}

std::optional<Isolation> isolationFromName(QStringView name)
{
    for (const auto &[isolation, known] : isolationNames) {
        if (name == known)
            return isolation;
    }
    return {};
}

bool Settings::feature(QStringView name, bool otherwise) const
{
    for (const auto &[known, enabled] : features) {
        if (known == name)
            return enabled;
    }
    return otherwise;
}

QString sandboxSummary(const SandboxPolicy &policy)
{
    const QString mode = sandboxModeName(policy.mode);
    if (policy.mode != SandboxPolicy::Mode::WorkspaceWrite)
        return mode;
    QStringList places{u"workdir"_s};
    if (!policy.excludeSlashTmp)
        places += u"/tmp"_s;
    if (!policy.excludeTmpdirEnvVar)
        places += u"$TMPDIR"_s;
    places += policy.writableRoots;
    const QString text = mode + " ["_L1 + places.join(", "_L1) + ']'_L1;
    return policy.networkAccess ? text + " (network access enabled)"_L1 : text;
}

QLatin1StringView decisionName(CommandRule::Decision decision)
{
    switch (decision) {
    case CommandRule::Decision::Allow:
        return "allow"_L1;
    case CommandRule::Decision::Prompt:
        return "prompt"_L1;
    case CommandRule::Decision::Forbidden:
        return "forbidden"_L1;
    }
    Q_UNREACHABLE_RETURN({});
}

} // namespace nightshift
