#pragma once
#include <QString>

namespace nightshift::app {

/// The path of a module that is loaded on demand: beside the program in a build tree, in the library folder
/// once installed.
QString modulePath(const QString &name);

} // namespace nightshift::app
