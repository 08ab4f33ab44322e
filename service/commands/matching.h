#pragma once
#include "commands/script.h"
#include "domain/settings.h"

namespace nightshift::commands {

enum class Match {
    No,
    Maybe, ///< Only the shell, or the program that reads its options, can tell.
    Yes,
};

bool restricts(const CommandRule &rule);

/// Whether the command begins as the rule says. For a rule that restricts, a program counts by its path, too, and
/// options may stand in front of a subcommand.
Match match(const CommandRule &rule, const SimpleCommand &command);

/// Whether a text in whatever language names the command: `system("git push")`, `["git", "push"]`.
bool mentions(const CommandRule &rule, const QString &text);

/// Whether it names the program of the rule.
bool mentionsProgram(const CommandRule &rule, const QString &text);

} // namespace nightshift::commands
