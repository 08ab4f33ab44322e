#pragma once
#include "base/result.h"

namespace nightshift::store {

/// Adds `text` to the end of the file, which is made, for its owner alone, when it is not there. In one piece: what
/// others append at the same time stands before it or behind it.
Result<> appendTo(const QString &path, QByteArrayView text);

} // namespace nightshift::store
