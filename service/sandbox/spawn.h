#pragma once
#include "sandbox/arguments.h"
#include <sys/types.h>

namespace nightshift::sandbox {

/// How a child differs from us. Descriptors of -1 stay as they are.
struct Spawn
{
    const char *const *argv; ///< Ends with nullptr; the program is looked up on PATH.
    int input = -1;
    int output = -1;
    bool mergeErrors = false; ///< Its stderr is its stdout.
    bool terminal = false;    ///< Its stdin becomes its controlling terminal.
    const char *cwd = nullptr;
    int passed[2] = {-1, -1}; ///< Descriptors that survive the exec.
    const Arguments *limits = nullptr;
};

/// Starts it in a session of its own, without our blocked signals. Minus the errno when that failed.
pid_t spawn(const Spawn &child);

/// Blocks the signals that we wait for with a descriptor, and returns that descriptor.
int blockSignals();

} // namespace nightshift::sandbox
