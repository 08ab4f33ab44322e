#include "approvalobjects.h"
#include "base/shellwords.h"
#include "wire/optionalmembers.h"
#include "wire/times.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::wire {

namespace {

using Kind = Approval::Kind;
using Decision = ApprovalResolved::Decision;

constexpr std::pair<Kind, QLatin1StringView> kinds[] = {
    {Kind::Command, "command"_L1}, {Kind::Sandbox, "sandbox"_L1}, {Kind::Patch, "patch"_L1}, {Kind::Tool, "tool"_L1}};

constexpr std::pair<Decision, QLatin1StringView> decisions[] = {{Decision::Allow, "allow"_L1},
                                                                {Decision::Deny, "deny"_L1},
                                                                {Decision::Rewrite, "rewrite"_L1},
                                                                {Decision::Expired, "expired"_L1},
                                                                {Decision::Cancelled, "cancelled"_L1}};

template <typename T, std::size_t n>
T named(const std::pair<T, QLatin1StringView> (&table)[n], JsonView name, T otherwise)
{
    const auto found = std::ranges::find(table, name.toString(), &std::pair<T, QLatin1StringView>::second);
    return found == std::end(table) ? otherwise : found->first;
}

std::optional<RawJson> pathsOf(const std::vector<FileChange> &changes)
{
    if (changes.empty())
        return {};
    QStringList paths;
    for (const FileChange &change : changes)
        paths += change.path;
    return json::array(paths);
}

std::optional<RawJson> argumentsOf(const Approval &approval)
{
    return approval.arguments.text.isEmpty() ? std::nullopt : std::optional(compact(approval.arguments));
}

QString whatOf(const Approval &approval)
{
    if (approval.command)
        return shellQuoted(approval.command->argv);
    QStringList paths;
    for (const FileChange &change : approval.changes)
        paths += change.path;
    return approval.tool.isEmpty() ? paths.join(", "_L1) : approval.tool;
}

QString with(const QString &reason)
{
    return reason.isEmpty() ? QString() : u": "_s + reason;
}

} // namespace

QLatin1StringView kindName(Kind kind)
{
    return std::ranges::find(kinds, kind, &std::pair<Kind, QLatin1StringView>::first)->second;
}

QLatin1StringView decisionName(Decision decision)
{
    return std::ranges::find(decisions, decision, &std::pair<Decision, QLatin1StringView>::first)->second;
}

RawJson approvalObject(const Approval &approval)
{
    const auto &command = approval.command;
    return json::object(
        {{"id", approval.id},
         {"call_id", approval.call},
         {"kind", QString(kindName(approval.kind))},
         {"reason", approval.reason},
         {"command", command ? std::optional(shellQuoted(command->argv)) : std::nullopt},
         {"argv", command ? std::optional(json::array(command->argv)) : std::nullopt},
         {"cwd", command ? std::optional(command->cwd) : std::nullopt},
         {"files", pathsOf(approval.changes)},
         {"tool", unlessEmpty(approval.tool)},
         {"arguments", argumentsOf(approval)},
         {"requested_at", timeText(approval.requestedAt)},
         {"expires_at", approval.expiresAt ? std::optional(timeText(*approval.expiresAt)) : std::nullopt}});
}

Approval approvalFrom(JsonView object)
{
    Approval approval{.id = object["id"].toString(),
                      .call = object["call_id"].toString(),
                      .kind = named(kinds, object["kind"], Kind::Command),
                      .reason = object["reason"].toString(),
                      .tool = object["tool"].toString(),
                      .requestedAt = timeFrom(object["requested_at"])};
    if (object["argv"].isArray()) {
        approval.command = CommandLine{.cwd = object["cwd"].toString()};
        for (const JsonView word : object["argv"].items())
            approval.command->argv += word.toString();
    }
    if (object["arguments"].exists())
        approval.arguments = object["arguments"].raw();
    if (object["expires_at"].isString())
        approval.expiresAt = timeFrom(object["expires_at"]);
    return approval;
}

RawJson resolutionObject(const char *type, const ApprovalResolved &resolved)
{
    const bool forSession = resolved.scope == ApprovalResolved::Scope::Session;
    return json::object({{"type", type},
                         {"approval_id", resolved.approvalId},
                         {"call_id", resolved.call},
                         {"decision", QString(decisionName(resolved.decision))},
                         {"by", resolved.by},
                         {"scope", forSession ? "session" : "once"},
                         {"message", unlessEmpty(resolved.message)},
                         {"command", unlessEmpty(resolved.command)}});
}

ApprovalResolved resolutionFrom(JsonView object)
{
    using Scope = ApprovalResolved::Scope;
    return {.approvalId = object["approval_id"].toString(),
            .call = object["call_id"].toString(),
            .decision = named(decisions, object["decision"], Decision::Deny),
            .by = object["by"].toString(),
            .scope = object["scope"].utf8() == "session" ? Scope::Session : Scope::Once,
            .message = object["message"].toString(),
            .command = object["command"].toString()};
}

RawJson hookObject(const char *type, const HookDecided &decided)
{
    return json::object({{"type", type},
                         {"source", decided.source},
                         {"hook", decided.hook},
                         {"decision", decided.decision},
                         {"by", decided.failed ? "hook_failure" : "hook"},
                         {"reason", unlessEmpty(decided.reason)},
                         {"call_id", unlessEmpty(decided.call)},
                         {"what", unlessEmpty(decided.what)},
                         {"duration_ms", qint64(decided.duration.count())}});
}

HookDecided hookFrom(JsonView object)
{
    return {.source = object["source"].toString(),
            .hook = object["hook"].toString(),
            .decision = object["decision"].toString(),
            .failed = object["by"].utf8() == "hook_failure",
            .reason = object["reason"].toString(),
            .call = object["call_id"].toString(),
            .what = object["what"].toString(),
            .duration = std::chrono::milliseconds(object["duration_ms"].toInteger())};
}

QString approvalSentence(const Approval &approval)
{
    return u"asked for `%1`%2"_s.arg(whatOf(approval), with(approval.reason));
}

QString resolutionSentence(const ApprovalResolved &resolved)
{
    const QString instead = resolved.command.isEmpty() ? QString() : u" to `%1`"_s.arg(resolved.command);
    return u"%1%2 by %3%4"_s.arg(decisionName(resolved.decision), instead, resolved.by, with(resolved.message));
}

QString hookSentence(const HookDecided &decided)
{
    const QString about = decided.what.isEmpty() ? QString() : u" about `%1`"_s.arg(decided.what);
    const QString how = decided.failed ? u"failed, which counts as %1"_s.arg(decided.decision) : decided.decision;
    return u"%1 of %2%3: %4%5"_s.arg(decided.hook, decided.source, about, how, with(decided.reason));
}

} // namespace nightshift::wire
