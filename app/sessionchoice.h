#pragma once
#include "app/commandline.h"
#include "base/result.h"
#include "domain/settings.h"

namespace nightshift::app {

/// The log of the session that a user means by `resume ID`, `resume NAME` or `resume --last`. NotFound says
/// what was looked for and where; there is never a new session in place of one that was asked for.
Result<QString> chooseSession(const ResumeTarget &target, const Settings &settings);

} // namespace nightshift::app
