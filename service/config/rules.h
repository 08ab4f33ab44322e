#pragma once
#include "base/result.h"
#include "domain/settings.h"

namespace nightshift::config {

/// The rules of one file: calls of prefix_rule() with literal arguments, in the reference's format. An error
/// is "FILE:LINE: what is wrong"; so is an example of a rule that contradicts it.
///
///     prefix_rule(pattern=["git", ["push", "fetch"]], decision="prompt", justification="ask first",
///                 match=["git push origin"], not_match=["git pull"])
Result<std::vector<CommandRule>> parseRules(const QString &text, const QString &file);

/// All rules in force: rules/*.rules of the home, then of .codex and .nightshift in a trusted project's
/// folders from its root down to the working folder; in each by file name.
Result<std::vector<CommandRule>> readRules(const Settings &settings);

} // namespace nightshift::config
