#pragma once
#include <sys/types.h>

namespace nightshift::sandbox {

/// Makes orphans of the whole tree below us ours to kill and to reap.
void adoptOrphans();

/// Kills every process below us, again and again as orphans come up, until none is left
/// that we may kill.
void killTree();

/// A wait status as the shells write it: 128 + n for signal n.
int exitCodeOf(int waitStatus);

} // namespace nightshift::sandbox
