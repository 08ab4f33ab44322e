#include "policy.h"
#include "base/shellwords.h"
#include "commands/wrappers.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::commands {

namespace {

using Decision = CommandRule::Decision;
using Why = Verdict::Why;

constexpr int deepest = 12; // nobody who means well nests more shells than this

bool restricts(const CommandRule &rule)
{
    return rule.decision != Decision::Allow;
}

bool isWord(const QStringList &alternatives, const Word &word, bool isProgram)
{
    return alternatives.contains(word.text) || (isProgram && alternatives.contains(baseName(word.text)));
}

Why concerns(const CommandRule &rule, const SimpleCommand &command)
{
    for (std::size_t i = 0; i < rule.pattern.size(); ++i) {
        if (i >= command.size())
            return Why::Unmatched;
        if (!command[i].literal)
            return restricts(rule) ? Why::MayMatch : Why::Unmatched;
        if (!isWord(rule.pattern[i], command[i], i == 0 && restricts(rule)))
            return Why::Unmatched;
    }
    return Why::Matched;
}

QString shown(const SimpleCommand &command)
{
    QStringList words;
    for (const Word &word : command)
        words += word.literal ? shellQuoted({word.text}) : word.text;
    return words.join(u' ');
}

/// Walks through a command and all that it runs.
class Judgement
{
public:
    Judgement(const std::vector<CommandRule> &rules, const ParseScript &parse)
        : m_rules(rules)
        , m_parse(parse)
    {}

    void onCommand(const SimpleCommand &command, int depth);
    void onScript(const QString &text, int depth);
    Verdict verdict() const;

private:
    void note(Why why, const CommandRule &rule, const QString &part);
    void onUnreadable(const QString &part);

    const std::vector<CommandRule> &m_rules;
    const ParseScript &m_parse;
    Verdict m_strictest;
    bool m_allAllowed = true;
};

void Judgement::note(Why why, const CommandRule &rule, const QString &part)
{
    const Verdict found{why, rule, part};
    if (m_strictest.why == Why::Unmatched || found.decision() > m_strictest.decision())
        m_strictest = found;
}

void Judgement::onUnreadable(const QString &part)
{
    const auto rule = std::ranges::find_if(m_rules, restricts);
    if (rule != m_rules.end())
        note(Why::NotUnderstood, *rule, part);
    m_allAllowed = false;
}

void Judgement::onCommand(const SimpleCommand &command, int depth)
{
    bool allowed = false;
    for (const CommandRule &rule : m_rules) {
        const Why why = concerns(rule, command);
        allowed = allowed || (why == Why::Matched && !restricts(rule));
        if (why != Why::Unmatched)
            note(why, rule, shown(command));
    }
    const auto wrapped = wrappedBy(command);
    m_allAllowed = m_allAllowed && (allowed || (wrapped && (wrapped->script || !wrapped->command.empty())));
    if (!wrapped)
        return;
    if (depth == deepest)
        onUnreadable(shown(command));
    else if (!wrapped->command.empty())
        onCommand(wrapped->command, depth + 1);
    else if (wrapped->script && wrapped->script->literal)
        onScript(wrapped->script->text, depth + 1);
    else if (wrapped->script)
        onUnreadable(shown(command));
}

void Judgement::onScript(const QString &text, int depth)
{
    const Script script = m_parse(text);
    for (const SimpleCommand &command : script.commands)
        onCommand(command, depth);
    if (!script.understood)
        onUnreadable(text);
}

Verdict Judgement::verdict() const
{
    const bool allowed = m_strictest.why == Why::Matched && !restricts(m_strictest.rule);
    return allowed && !m_allAllowed ? Verdict() : m_strictest;
}

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
        return u"`%1` may be what the rule at %2 is about, since only the shell can tell what it runs, so it needs an "
               "approval%3"_s.arg(part, rule.place(), reason);
    case Why::NotUnderstood:
        return u"`%1` cannot be read before it runs, and might break the rule at %2, so it needs an approval%3"_s.arg(
            part, rule.place(), reason);
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
    judgement.onCommand(command, 0);
    return judgement.verdict();
}

Verdict Policy::judgeScript(const QString &script) const
{
    Judgement judgement(m_rules, m_parse);
    judgement.onScript(script, 0);
    return judgement.verdict();
}

} // namespace nightshift::commands
