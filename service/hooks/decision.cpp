#include "hooks/decision.h"
#include "base/repeatedmember.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::hooks {

namespace {

using Kind = Decision::Kind;

constexpr std::pair<Kind, QLatin1StringView> words[] = {
    {Kind::Allow, "allow"_L1}, {Kind::Deny, "deny"_L1},   {Kind::Rewrite, "rewrite"_L1},
    {Kind::Ask, "ask"_L1},     {Kind::Again, "again"_L1},
};

std::unexpected<Error> nonsense(const QString &what)
{
    return fail(Error::Kind::Invalid, u"the answer makes no sense: "_s + what);
}

bool isCall(HookMoment moment)
{
    return moment == HookMoment::Command || moment == HookMoment::Patch || moment == HookMoment::Tool;
}

/// Before the model is asked anything: plain text is for it.
bool takesText(HookMoment moment)
{
    return moment == HookMoment::Prompt || moment == HookMoment::SessionStart;
}

std::optional<QString> maybeText(JsonView value)
{
    return value.isString() ? std::optional(value.toString()) : std::nullopt;
}

Decision::Rewrite rewriteIn(JsonView answer)
{
    Decision::Rewrite rewrite{.command = maybeText(answer["command"]),
                              .patch = maybeText(answer["patch"]),
                              .output = maybeText(answer["output"])};
    for (const JsonView word : answer["argv"].items())
        rewrite.argv += word.toString();
    if (answer["arguments"].isObject())
        rewrite.arguments = answer["arguments"].raw();
    return rewrite;
}

/// What is missing of a rewrite; nothing when it can be used.
QString missing(const Decision::Rewrite &rewrite, HookMoment moment)
{
    const bool command = rewrite.command || !rewrite.argv.isEmpty();
    switch (moment) {
    case HookMoment::Command:
        return command ? QString() : u"`command` or `argv`"_s;
    case HookMoment::Patch:
        return rewrite.patch ? QString() : u"`patch`"_s;
    case HookMoment::Tool:
        return rewrite.arguments ? QString() : u"`arguments`"_s;
    case HookMoment::Approval:
        return command || rewrite.patch || rewrite.arguments ? QString() : u"`command`, `patch` or `arguments`"_s;
    case HookMoment::ToolEnd:
        return rewrite.output ? QString() : u"`output`"_s;
    default:
        return u"something that can be rewritten"_s;
    }
}

Result<> check(const Decision &decision, HookMoment moment)
{
    const QString name = decisionName(decision);
    if (decision.kind == Kind::Rewrite) {
        const QString lacks = missing(decision.rewrite, moment);
        return lacks.isEmpty() ? Result<>() : nonsense(u"a rewrite in %1 needs %2"_s.arg(hookName(moment), lacks));
    }
    if ((decision.kind == Kind::Again && moment != HookMoment::TurnEnd) ||
        (decision.kind == Kind::Ask && !isCall(moment) && moment != HookMoment::Approval))
        return nonsense(u"`%1` is no answer to %2"_s.arg(name, hookName(moment)));
    return {};
}

Result<Decision> readOurs(JsonView answer, HookMoment moment)
{
    const QString word = answer["decision"].toString();
    const auto known = std::ranges::find(words, word, &std::pair<Kind, QLatin1StringView>::second);
    if (known == std::end(words))
        return nonsense(
            u"`decision` is `%1`; expected allow, deny, rewrite, ask or again"_s.arg(answer["decision"].raw().text));
    Decision decision{.kind = known->first,
                      .reason = answer["reason"].toString(answer["message"].toString()),
                      .rewrite = rewriteIn(answer),
                      .allowUnanswered = answer["default"].utf8() == "allow",
                      .context = answer["context"].toString(),
                      .abort = answer["abort"].toBool() || answer["on_failure"].utf8() == "abort"};
    if (answer["wait_s"].isNumber())
        decision.wait = std::chrono::seconds(qMax<qint64>(0, qint64(answer["wait_s"].toDouble())));
    if (decision.kind != Kind::Rewrite)
        decision.rewrite = {};
    if (const auto sane = check(decision, moment); !sane)
        return std::unexpected(sane.error());
    return decision;
}

/// The reference's `block` means not to do it: not to run, not to show, not to stop.
Decision blocked(const QString &reason, HookMoment moment)
{
    if (moment == HookMoment::TurnEnd)
        return {.kind = Kind::Again, .reason = reason};
    if (moment == HookMoment::ToolEnd)
        return {.kind = Kind::Rewrite, .rewrite = {.output = reason}};
    return {.kind = Kind::Deny, .reason = reason};
}

std::optional<Kind> permission(JsonView word)
{
    if (word.utf8() == "allow" || word.utf8() == "approve")
        return Kind::Allow;
    if (word.utf8() == "deny")
        return Kind::Deny;
    return word.utf8() == "ask" ? std::optional(Kind::Ask) : std::nullopt;
}

Result<Decision> readSpecific(JsonView specific, HookMoment moment)
{
    Decision decision{.context = specific["additionalContext"].toString()};
    const JsonView approval = specific["decision"];
    const JsonView word = approval.isObject() ? approval["behavior"] : specific["permissionDecision"];
    if (approval.exists() && !word.exists())
        return nonsense(u"`hookSpecificOutput.decision` has no `behavior`"_s);
    if (!word.exists())
        return decision;
    const auto kind = permission(word);
    if (!kind)
        return nonsense(
            u"`%1` is no permission; expected allow, deny or ask"_s.arg(QString::fromUtf8(word.raw().text)));
    decision.kind = *kind;
    decision.reason =
        approval.isObject() ? approval["message"].toString() : specific["permissionDecisionReason"].toString();
    const JsonView input = specific["updatedInput"];
    if (decision.kind == Kind::Allow && input.isObject()) {
        decision.kind = Kind::Rewrite;
        decision.rewrite = {.arguments = input.raw()};
        if (moment == HookMoment::Command)
            decision.rewrite.command = maybeText(input["command"]);
        if (moment == HookMoment::Patch)
            decision.rewrite.patch = maybeText(input["command"]);
        if (const auto sane = check(decision, moment); !sane)
            return std::unexpected(sane.error());
    }
    return decision;
}

bool isKnown(JsonView answer)
{
    constexpr const char *members[] = {"context", "continue", "systemMessage", "suppressOutput", "stopReason"};
    return answer.size() == 0 ||
           std::ranges::any_of(members, [&](const char *member) { return answer[member].exists(); });
}

Result<Decision> readObject(JsonView answer, HookMoment moment)
{
    if (answer["continue"].exists() && !answer["continue"].isBool())
        return nonsense(u"`continue` is neither true nor false"_s);
    if (answer["continue"].isBool() && !answer["continue"].toBool()) {
        const QString why = answer["stopReason"].toString(u"a hook said stop"_s);
        return moment == HookMoment::TurnEnd ? Decision() : blocked(why, moment);
    }
    const JsonView word = answer["decision"];
    if (word.utf8() == "block")
        return blocked(answer["reason"].toString(), moment);
    if (word.utf8() == "approve")
        return Decision{.kind = Kind::Allow};
    if (word.exists())
        return readOurs(answer, moment);
    if (answer["hookSpecificOutput"].isObject())
        return readSpecific(answer["hookSpecificOutput"], moment);
    if (!isKnown(answer))
        return nonsense(u"it has no `decision`"_s);
    return Decision{.context = answer["context"].toString()};
}

} // namespace

QString decisionName(const Decision &decision)
{
    if (decision.kind == Kind::None)
        return decision.context.isEmpty() ? u"none"_s : u"context"_s;
    return std::ranges::find(words, decision.kind, &std::pair<Kind, QLatin1StringView>::first)->second;
}

Result<Decision> readDecision(QByteArrayView text, HookMoment moment)
{
    text = text.trimmed();
    if (text.isEmpty() || text == "null")
        return Decision();
    if (text.startsWith("\xEF\xBB\xBF"))
        return nonsense(u"it begins with a byte order mark"_s);
    if (!text.startsWith('{') && takesText(moment))
        return Decision{.context = QString::fromUtf8(text)};
    const auto document = JsonDocument::parse(text);
    if (!document)
        return nonsense(u"it is no JSON: "_s + document.error().message);
    if (!document->root().isObject())
        return nonsense(u"it is no JSON object"_s);
    // Of two members with one name other readers take the last, and the hook's author may have meant that.
    if (const auto name = repeatedMember(document->root()))
        return nonsense(u"the member `%1` stands twice in one object"_s.arg(*name));
    if (document->root()["__proto__"].exists() || document->root()["hookSpecificOutput"]["__proto__"].exists())
        return nonsense(u"`__proto__` is no member of an answer"_s);
    return readObject(document->root(), moment);
}

Decision failedDecision(const QString &why, HookMoment moment, HookFailure becomes)
{
    Decision decision{.reason = why, .failed = true};
    const bool decides = isCall(moment) || moment == HookMoment::Prompt || moment == HookMoment::Approval;
    decision.abort = becomes == HookFailure::Abort;
    if (becomes == HookFailure::Allow)
        return decision;
    if (moment == HookMoment::ToolEnd) {
        decision.kind = Kind::Rewrite;
        decision.rewrite.output = u"The output is withheld, because a hook that should have seen it failed."_s;
    } else if (decides || decision.abort) {
        decision.kind = Kind::Deny;
    }
    return decision;
}

HookReply replyOfProgram(int exitCode, const QByteArray &output, const QString &errors, HookMoment moment)
{
    const QString words = errors.trimmed();
    if (exitCode == 0)
        return output;
    if (exitCode != 2)
        return fail(Error::Kind::Invalid,
                    u"it ended with exit code %1%2"_s.arg(QString::number(exitCode),
                                                          words.isEmpty() ? QString() : u": "_s + words));
    if (moment == HookMoment::TurnEnd)
        return json::object({{"decision", "again"}, {"message", words}}).text;
    if (moment == HookMoment::ToolEnd)
        return json::object({{"decision", "rewrite"}, {"output", words}}).text;
    return json::object({{"decision", "deny"}, {"reason", words}}).text;
}

} // namespace nightshift::hooks
