#pragma once
#include "commands/script.h"
#include "domain/event.h"

namespace nightshift::commands {

/// What a command reads, lists and searches, as the reference's clients are used to: helpers such as `| head`
/// are left out, a folder that was changed into counts for what is read after it. One Unknown where any
/// part of it does something else, or where the script is more than a row of plain commands.
std::vector<CommandAction> actionsOf(const QStringList &argv, const ParseScript &parse);

/// Of one plain command.
CommandAction actionOf(const QStringList &words);

} // namespace nightshift::commands
