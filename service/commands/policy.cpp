#include "policy.h"
#include "commands/judgement.h"

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

using Decision = CommandRule::Decision;

} // namespace

Decision Verdict::decision() const
{
    switch (why) {
    case Why::Unmatched:
        return Decision::Allow;
    case Why::Matched:
        return rule.decision;
    case Why::MayMatch:
    case Why::NotUnderstood:
        break;
    }
    return Decision::Prompt;
}

QString Verdict::sentence() const
{
    const QString reason = rule.justification.isEmpty() ? QString() : u": "_s + rule.justification;
    switch (why) {
    case Why::Unmatched:
        return u"no rule decides about this command"_s;
    case Why::MayMatch:
        return u"`%1` may be what the rule at %2 is about, since %3, so it needs an approval%4"_s.arg(
            part, rule.place(), unclear.isEmpty() ? u"only the shell can tell what it runs"_s : unclear, reason);
    case Why::NotUnderstood:
        return u"`%1` cannot be read before it runs%2, and might break the rule at %3, so it needs an approval%4"_s.arg(
            part, unclear.isEmpty() ? QString() : u" (%1)"_s.arg(unclear), rule.place(), reason);
    case Why::Matched:
        break;
    }
    switch (rule.decision) {
    case Decision::Allow:
        return u"`%1` is allowed by the rule at %2%3"_s.arg(part, rule.place(), reason);
    case Decision::Prompt:
        return u"`%1` needs an approval by the rule at %2%3"_s.arg(part, rule.place(), reason);
    case Decision::Forbidden:
        break;
    }
    return u"`%1` is forbidden by the rule at %2%3"_s.arg(part, rule.place(), reason);
}

Verdict Policy::judge(const QStringList &argv) const
{
    if (const QString *script = scriptOf(argv))
        return judgeScript(*script);
    SimpleCommand command;
    for (const QString &word : argv)
        command.push_back({word});
    Judgement judgement(m_rules, m_parse);
    judgement.onCommand(command);
    return judgement.verdict();
}

Verdict Policy::judgeScript(const QString &script) const
{
    Judgement judgement(m_rules, m_parse);
    judgement.onScript(script);
    return judgement.verdict();
}

} // namespace nightshift::commands
