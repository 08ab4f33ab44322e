#pragma once
#include "app/answers.h"

namespace nightshift::app {

/// Of `exec` and the commands behind it.
Parsed<CommandLine> execOptions(const Answers &answers);
/// Of `batch` and the commands behind it.
Parsed<CommandLine> batchOptions(const Answers &answers);
/// Of `drill`.
Parsed<CommandLine> drillOptions(const Answers &answers);

} // namespace nightshift::app
