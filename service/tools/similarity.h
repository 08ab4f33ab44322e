#pragma once
#include <QByteArray>

namespace nightshift::tools {

/// How much of the longer content stands in both, in percent, as Git counts it for renames: by lines, or pieces of 64
/// bytes of long ones, wherever they stand. Source: git's diffcore-delta.c and diffcore-rename.c.
int similarity(const QByteArray &before, const QByteArray &after);

} // namespace nightshift::tools
