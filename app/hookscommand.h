#pragma once
#include "app/commandline.h"

namespace nightshift::app {

/// `hooks test FILE --event JSON`: asks the hooks of a file and prints their decision. The exit code is 11 for a
/// denial and 1 when the hook itself failed.
int runHooks(const HooksOptions &options);

} // namespace nightshift::app
