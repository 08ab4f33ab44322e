#pragma once
#include "app/commandline.h"

namespace nightshift::app {

/// `login` and `logout`: stores the API key that stands on stdin, forgets it, or says whether there is one.
/// Returns the exit code.
int runLogin(const LoginOptions &options);

} // namespace nightshift::app
