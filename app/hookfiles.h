#pragma once
#include "app/commandline.h"
#include "domain/hooks.h"

namespace nightshift::app {

/// Opens the files of --hooks, in their order: JavaScript and TypeScript by their suffix, through the module that is
/// loaded for them, everything else as programs, which run in `cwd`.
Result<HookSources> openHookFiles(const SettingFlags &flags, const QString &cwd, const QString &stateFolder);

} // namespace nightshift::app
