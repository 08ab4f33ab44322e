#pragma once
#include "app/options.h"

namespace nightshift::app {

/// "Usage: nightshift exec [OPTIONS] [PROMPT]" and its alternatives, a line each.
QString usageLines(Command command);

/// What `COMMAND --help` prints, made from the tables; ends with a line end.
QString helpText(Command command);

/// "nightshift 0.1.0" and a line end.
QString versionText();

} // namespace nightshift::app
