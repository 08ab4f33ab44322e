#include "checkcommand.h"
#include "app/modules.h"
#include "commands/policy.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

std::expected<CheckedCommand, StartError> checkCommand(const CheckCommandOptions &options)
{
    const auto loaded = loadSettings(options.settings);
    if (!loaded)
        return std::unexpected(loaded.error());
    const commands::Policy policy(loaded->settings.commandRules,
                                  commands::fromModule(modulePath(u"nightshift-bash"_s)));
    const bool isScript = options.command.size() == 1;
    const commands::Verdict verdict = isScript ? policy.judgeScript(options.command[0]) : policy.judge(options.command);
    return CheckedCommand{verdict.sentence() + u'\n', verdict.mayRun()};
}

} // namespace nightshift::app
