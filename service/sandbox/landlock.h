#pragma once
#include "sandbox/arguments.h"
#include "sandbox/places.h"

struct sock_fprog;

namespace nightshift::sandbox {

/// Why Landlock cannot contain commands here, as a sentence; empty when it can. Version 6 is the least: older
/// ones let a command send signals to every process of its user.
std::string whyNoLandlock();

/// The rules of one command: it reads what its user can, but no devices and no sockets' folders, and writes
/// nothing by itself; what it may write, the broker opens for it. A descriptor, or -1.
int landlockRules(const Arguments &arguments, const Places &places);

/// In the process that becomes the command: no privileges, Landlock, the filter. Sends the filter's listener
/// over `handover`. System calls only, and false with errno when one failed.
bool restrictSelf(int rules, const sock_fprog *filter, int handover);

/// Also of root, who with them could mount, or write around file permissions. A system call only.
bool dropCapabilities();

/// What restrictSelf() sent; -1 when nothing came.
int takeListener(int handover);

} // namespace nightshift::sandbox
