#pragma once
#include "app/commandline.h"

namespace nightshift::app {

/// `nightshift serve`: offers what this program does over HTTP until a signal ends it. Returns the exit code.
int runServe(const ServeOptions &options);

} // namespace nightshift::app
