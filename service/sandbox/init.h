#pragma once
#include "sandbox/arguments.h"

namespace nightshift::sandbox {

/// What is said over the control socket, in bytes.
namespace control {
constexpr char mounts = 'M';    ///< From init, with its mount name space: mount what the command needs.
constexpr char mounted = 'D';   ///< To init: done.
constexpr char changed = 'C';   ///< From init: the working folder is another one by now.
constexpr char started = 'S';   ///< From init: the sandbox stands.
constexpr char interrupt = 'I'; ///< To init: SIGINT to the command's process group.
} // namespace control

/// Process 1 of a sandbox: starts the command, reaps orphans, ends with the command's exit code. What is
/// left of the tree dies with it.
int init(const Arguments &arguments);

/// The exit code the shells give to a command that could not be executed, after telling so on stdout's peer.
int reportFailedExec(const char *program, int error);

} // namespace nightshift::sandbox
