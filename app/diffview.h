#pragma once
#include "domain/event.h"

namespace nightshift::app {

/// One changed file as `git diff` shows it, without the line of hashes; paths are relative to `folder`
/// where they lie below it.
QString gitDiff(const FileChange &change, const QString &folder);

} // namespace nightshift::app
