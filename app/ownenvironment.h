#pragma once
#include <QStringList>

namespace nightshift::app {

/// This process's variables, NAME=value.
QStringList ownEnvironment();

} // namespace nightshift::app
