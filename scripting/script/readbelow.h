#pragma once
#include "base/result.h"
#include <QStringList>

namespace nightshift::script {

/// The folders without symbolic links, but those that are not there.
QStringList canonical(const QStringList &folders);
/// Whether a canonical path lies below one of the canonical folders, or is one.
bool isBelowAny(const QString &path, const QStringList &folders);

/// What a file holds that lies below one of the folders. What was opened is judged, after all links, whatever stands
/// there later: Denied when it lies elsewhere or is no regular file. `name` is what people are told.
Result<QByteArray> readBelow(const QString &path, const QStringList &folders, const QString &name);

} // namespace nightshift::script
