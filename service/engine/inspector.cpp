#include "inspector.h"
#include "commands/describe.h"
#include "commands/policy.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

std::optional<QString> refusal(const commands::Verdict &verdict)
{
    if (verdict.mayRun())
        return std::nullopt;
    const bool approval = verdict.decision() == CommandRule::Decision::Prompt;
    return verdict.sentence() + (approval ? u"; nobody can give one during this run"_s : QString()) +
           u". The command did not run."_s;
}

} // namespace

tools::InspectCommand inspector(const std::vector<CommandRule> &rules, const commands::ParseScript &parse)
{
    return [policy = commands::Policy(rules, parse), judges = !rules.empty(),
            parse](const QStringList &argv) -> tools::CommandInsight {
        if (judges) {
            if (const auto why = refusal(policy.judge(argv)))
                return {.refusal = why};
        }
        return {.actions = commands::actionsOf(argv, parse)};
    };
}

} // namespace nightshift::engine
