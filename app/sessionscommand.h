#pragma once
#include "app/commandline.h"

namespace nightshift::app {

/// `nightshift sessions`: hands what stands behind it to the command that it names; the exit code.
int runSessions(const SessionsOptions &options);

/// The commands as help lists them.
QString sessionsCommandList();

} // namespace nightshift::app
