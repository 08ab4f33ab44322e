#pragma once
#include "app/options.h"

namespace nightshift::app {

/// "Usage: nightshift exec [OPTIONS] [PROMPT]" and its alternatives, a line each.
QString usageLines(Command command);

/// "What the run may do"
QLatin1StringView groupTitle(OptionRow::Group group);
/// The groups that are shown, in their order.
std::span<const OptionRow::Group> shownGroups();

// What no table can say: what a command does with its words, and examples. Empty for some.
QLatin1StringView helpIntroduction(Command command);
QLatin1StringView helpExamples(Command command);

/// What `COMMAND --help` prints, made from the tables; ends with a line end.
QString helpText(Command command);

/// "nightshift 0.1.0" and a line end.
QString versionText();

} // namespace nightshift::app
