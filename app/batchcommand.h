#pragma once
#include "app/commandline.h"
#include "app/lending.h"

namespace nightshift::app {

/// `nightshift batch`: what is lent to the module that does the work, signals, and the terminal. Runs the event loop;
/// what it returns is the process's exit code.
int runBatch(const BatchOptions &options);
/// Runs the order until its end; what belongs to stdout goes to `print`. The exit code.
int carryOut(batch::BatchOrder order, const Lending &lending, std::function<void(const QByteArray &bytes)> print);

} // namespace nightshift::app
