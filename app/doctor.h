#pragma once
#include "app/commandline.h"

namespace nightshift::app {

/// `nightshift doctor`: looks at settings, folders, git, the key, the sandbox and the provider, says what it
/// found on stdout, and how to mend what is wrong. The exit code: 0, or 1 when no run could succeed.
int runDoctor(const DoctorOptions &options);

} // namespace nightshift::app
