#pragma once
#include "sandbox/arguments.h"

namespace nightshift::sandbox {

/// What we exit with when the command was never run; our stderr says why.
constexpr int neverRanCode = 125;
/// What we exit with when the wall limit ended the command, as timeout(1) does.
constexpr int timedOutCode = 124;

/// Runs the command, inside the wrapper when there is one, and returns its exit code once nothing of its
/// process tree is alive. The lifeline's end, SIGTERM and SIGHUP kill the tree; SIGINT is for the command.
int run(Arguments arguments);

} // namespace nightshift::sandbox
