#pragma once
#include "app/commandline.h"

namespace nightshift::app {

/// `nightshift drill`: a batch against the built-in model, with the faults that were asked for. Prints how each item
/// ended; nothing else stays of it. The batch's exit code.
int runDrill(DrillOptions options);

} // namespace nightshift::app
