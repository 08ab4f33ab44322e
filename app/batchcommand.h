#pragma once
#include "app/commandline.h"

namespace nightshift::app {

/// `nightshift batch`: what is lent to the module that does the work, signals, and the terminal. Runs the event loop;
/// what it returns is the process's exit code.
int runBatch(const BatchOptions &options);

} // namespace nightshift::app
