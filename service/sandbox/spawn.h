#pragma once
#include "sandbox/arguments.h"
#include <sys/types.h>

struct sock_fprog;

namespace nightshift::sandbox {

/// How a child differs from us. Descriptors of -1 stay as they are.
struct Spawn
{
    const char *const *argv; ///< Ends with nullptr; the program is looked up on PATH.
    int input = -1;
    int output = -1;
    int errors = -1;              ///< Taken after `output`: 1 means that its stderr is its stdout.
    bool terminal = false;        ///< Its stdin becomes its controlling terminal.
    int folder = -1;              ///< Its working folder.
    int passed[3] = {-1, -1, -1}; ///< Descriptors that survive the exec.
    const Arguments *limits = nullptr;
    int group = -1; ///< The entrance of a control group, see ProcessCount.

    // Under Landlock:
    int rules = -1;
    const sock_fprog *filter = nullptr;
    int handover = -1; ///< Where the filter's listener is sent.
};

/// Starts it in a session of its own, without our blocked signals. Minus the errno when that failed;
/// `isUnrestricted` is then whether it was Landlock or the filter that could not be had.
pid_t spawn(const Spawn &child, bool *isUnrestricted = nullptr);

/// Blocks the signals that we wait for with a descriptor, and returns that descriptor.
int blockSignals();

} // namespace nightshift::sandbox
