#pragma once
#include <QHash>
#include <QString>

namespace nightshift::config {

/// The environment as a value, so that loading is a function of what it is given.
using Environment = QHash<QString, QString>;

/// Of this process.
Environment processEnvironment();

/// The first of the variables that is set and not empty; else nothing.
QString firstSet(const Environment &environment, std::initializer_list<QString> names);

} // namespace nightshift::config
