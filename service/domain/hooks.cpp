#include "hooks.h"
#include <algorithm>
#include <utility>

namespace nightshift {

static constexpr std::pair<HookMoment, QLatin1StringView> moments[] = {
    {HookMoment::SessionStart, QLatin1StringView("onSessionStart")},
    {HookMoment::SessionEnd, QLatin1StringView("onSessionEnd")},
    {HookMoment::Prompt, QLatin1StringView("onPrompt")},
    {HookMoment::Command, QLatin1StringView("onCommand")},
    {HookMoment::Patch, QLatin1StringView("onPatch")},
    {HookMoment::Tool, QLatin1StringView("onTool")},
    {HookMoment::ToolEnd, QLatin1StringView("onToolEnd")},
    {HookMoment::Approval, QLatin1StringView("onApproval")},
    {HookMoment::TurnEnd, QLatin1StringView("onTurnEnd")},
    {HookMoment::Event, QLatin1StringView("onEvent")},
    {HookMoment::Result, QLatin1StringView("onResult")},
};

static constexpr std::pair<HookFailure, QLatin1StringView> failures[] = {
    {HookFailure::Deny, QLatin1StringView("deny")},
    {HookFailure::Abort, QLatin1StringView("abort")},
    {HookFailure::Allow, QLatin1StringView("allow")},
};

template <typename T, std::size_t n>
static QLatin1StringView nameIn(const std::pair<T, QLatin1StringView> (&table)[n], T value)
{
    return std::ranges::find(table, value, &std::pair<T, QLatin1StringView>::first)->second;
}

template <typename T, std::size_t n>
static std::optional<T> valueIn(const std::pair<T, QLatin1StringView> (&table)[n], QStringView name)
{
    for (const auto &[value, known] : table) {
        if (name == known)
            return value;
    }
    return std::nullopt;
}

QLatin1StringView hookName(HookMoment moment)
{
    return nameIn(moments, moment);
}

std::optional<HookMoment> hookFromName(QStringView name)
{
    return valueIn(moments, name);
}

QLatin1StringView hookFailureName(HookFailure failure)
{
    return nameIn(failures, failure);
}

std::optional<HookFailure> hookFailureFromName(QStringView name)
{
    return valueIn(failures, name);
}

} // namespace nightshift
