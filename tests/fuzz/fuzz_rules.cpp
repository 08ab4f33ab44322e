#include "base/shellwords.h"
#include "config/rules.h"
#include "input.h"

using namespace nightshift;

/// A rules file, and words for a shell.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QString text = QString::fromUtf8(fuzz::bytes(data, size));
    const auto rules = config::parseRules(text, QStringLiteral("f.rules"));
    if (!rules)
        fuzz::mustHold(rules.error().message.startsWith(u"f.rules:"), "every error names its place");
    for (const CommandRule &rule : rules.value_or(std::vector<CommandRule>())) {
        fuzz::mustHold(!rule.pattern.empty() && rule.line > 0, "every rule has a pattern and a line");
        for (const QStringList &alternatives : rule.pattern)
            fuzz::mustHold(!alternatives.isEmpty(), "every place of a pattern has a word");
    }
    if (const auto words = shellSplit(text))
        fuzz::mustHold(shellSplit(shellQuoted(*words)) == words, "quoted words are read as they were");
    return 0;
}
