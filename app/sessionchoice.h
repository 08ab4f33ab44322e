#pragma once
#include "app/commandline.h"
#include "base/result.h"
#include "domain/settings.h"
#include "store/bundle.h"
#include "store/compression.h"

namespace nightshift::app {

/// Unpacks compressed logs through the module that can; loaded when the first one is met.
store::Decompress decompressor();
/// Reads and writes bundles, through the same module.
store::Archiver archiver();

/// The log of the session that a user means by `resume ID`, `resume NAME` or `resume --last`. NotFound says
/// what was looked for and where; there is never a new session in place of one that was asked for.
Result<QString> chooseSession(const ResumeTarget &target, const Settings &settings);

} // namespace nightshift::app
