#pragma once
#include <QString>

namespace nightshift::app {

/// A completion script for bash, zsh or fish, made from the tables.
QString completionScript(QStringView shell);

} // namespace nightshift::app
