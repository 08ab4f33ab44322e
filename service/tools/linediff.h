#pragma once
#include <QString>

namespace nightshift::tools {

/// What stands behind a hunk's ranges: nothing, or the line above it that may begin a function, as Git guesses.
enum class Heading { None, Line };

/// The hunks of a unified diff with three lines of context, without file headers; empty for equal texts.
/// Lines end at LF only, and what else a line ends with is part of it. Minimal up to a thousand changed
/// lines in a row of changes. Source: POSIX diff, section "Diff -u Output Format".
QString unifiedDiff(const QString &before, const QString &after, Heading heading = Heading::None);

} // namespace nightshift::tools
