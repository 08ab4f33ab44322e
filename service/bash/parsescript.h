#pragma once
#include "commands/script.h"

namespace nightshift::bash {

/// Reads a script with tree-sitter's grammar of bash, which knows sh, too.
commands::Script parseScript(const QString &text);

} // namespace nightshift::bash
