#pragma once
#include "base/result.h"
#include <QStringList>

namespace nightshift::isolation {

/// What `git -C folder words…` prints; what it says when it fails is the error. `index`: used instead of the
/// folder's own, so that nothing is staged there.
Result<QByteArray> git(const QString &folder, const QStringList &words, const QString &index = {});

} // namespace nightshift::isolation
