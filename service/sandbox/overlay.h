#pragma once

namespace nightshift::sandbox {

/// `TREE UPPER WORK CWD PROGRAM ARGS…`: becomes the program, in a mount name space where writing to TREE fills
/// UPPER and leaves TREE as it is. The program finds in its environment NIGHTSHIFT_TREE_FD, a descriptor of
/// the real TREE, or NIGHTSHIFT_OVERLAY_PROBLEM, why there is no overlay.
int runInOverlay(char **words);

} // namespace nightshift::sandbox
