#pragma once
#include "commands/script.h"
#include "domain/settings.h"
#include "tools/tool.h"

namespace nightshift::engine {

/// Judges every command by the rules, and describes it.
tools::InspectCommand inspector(const std::vector<CommandRule> &rules, const commands::ParseScript &parse);

} // namespace nightshift::engine
