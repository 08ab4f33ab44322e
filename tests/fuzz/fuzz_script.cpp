#include "bash/parsescript.h"
#include "commands/describe.h"
#include "commands/policy.h"
#include "input.h"

using namespace nightshift;
using namespace Qt::StringLiterals;

namespace {

commands::Policy policy(CommandRule::Decision decision)
{
    const CommandRule one{{{u"git"_s}, {u"push"_s, u"fetch"_s}}, decision, {}, u"f.rules"_s, 1};
    const CommandRule other{{{u"rm"_s}}, decision, {}, u"f.rules"_s, 2};
    return commands::Policy({one, other}, bash::parseScript);
}

} // namespace

/// A command of a model, judged and described.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QString text = QString::fromUtf8(fuzz::bytes(data, size));
    const commands::Script script = bash::parseScript(text);
    fuzz::mustHold(script.understood == script.problem.isEmpty(), "what is not understood is named");
    fuzz::mustHold(script.understood || !script.plain, "a plain script is understood");
    for (const commands::SimpleCommand &command : script.commands)
        fuzz::mustHold(!command.empty(), "every command has a word");
    for (const commands::Input &input : script.inputs)
        fuzz::mustHold(input.command < script.commands.size(), "every input has a command");
    const commands::Verdict verdict = policy(CommandRule::Decision::Forbidden).judgeScript(text);
    fuzz::mustHold(script.understood || !verdict.mayRun(), "what is not understood does not run");
    fuzz::mustHold(policy(CommandRule::Decision::Allow).judgeScript(text).mayRun(), "without restriction all runs");
    (void)verdict.sentence();
    (void)commands::actionsOf({u"bash"_s, u"-lc"_s, text}, bash::parseScript);
    return 0;
}
