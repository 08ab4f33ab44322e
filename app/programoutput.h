#pragma once
#include "base/result.h"
#include <QStringList>
#include <chrono>

namespace nightshift::app {

/// What a program of the user's own prints, stderr passing through. Waits for it. NotFound where it cannot be
/// started, Timeout where it takes longer (it is killed), Denied where it fails.
Result<QByteArray> programOutput(const QStringList &argv, const QString &cwd, std::chrono::milliseconds timeout);

} // namespace nightshift::app
