#pragma once
#include "host/pathrules.h"
#include "script/hostmodule.h"

namespace nightshift::host {

/// What a script does with files and texts, on its own thread: read, csv, stdin, glob, matrix, template, write and its
/// forms.
void addFileCalls(script::HostModule &module, const PathRules &rules);

} // namespace nightshift::host
