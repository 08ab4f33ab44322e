#pragma once
#include <QString>

namespace nightshift::tools {

/// The hunks of a unified diff with three lines of context, without file headers; empty for equal texts.
/// Lines end at LF only, and what else a line ends with is part of it. Minimal up to a thousand changed
/// lines in a row of changes. Source: POSIX diff, section "Diff -u Output Format".
QString unifiedDiff(const QString &before, const QString &after);

} // namespace nightshift::tools
