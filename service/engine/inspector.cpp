#include "inspector.h"
#include "commands/describe.h"
#include "commands/policy.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

tools::CommandInsight judged(const commands::Verdict &verdict)
{
    switch (verdict.decision()) {
    case CommandRule::Decision::Allow:
        break;
    case CommandRule::Decision::Prompt:
        return {.approval = verdict.sentence()};
    case CommandRule::Decision::Forbidden:
        return {.refusal = verdict.sentence() + u". The command did not run."_s};
    }
    return {};
}

} // namespace

tools::InspectCommand inspector(const std::vector<CommandRule> &rules, const commands::ParseScript &parse)
{
    return [policy = commands::Policy(rules, parse), judges = !rules.empty(),
            parse](const QStringList &argv) -> tools::CommandInsight {
        tools::CommandInsight insight = judges ? judged(policy.judge(argv)) : tools::CommandInsight();
        if (!insight.refusal)
            insight.actions = commands::actionsOf(argv, parse);
        return insight;
    };
}

} // namespace nightshift::engine
