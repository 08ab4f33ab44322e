#pragma once
#include <QString>

namespace nightshift::engine {

/// What a prompt says of a file that belongs to it: its text, or why there is none. `name` is what the model is told.
QString inputFileText(const QString &name, const QString &path);

} // namespace nightshift::engine
