#pragma once
#include "base/result.h"

namespace nightshift::store {

/// The kernel's reason for the last failed call, about `path`; a full disk has a kind of its own.
std::unexpected<Error> systemError(const QString &what, const QString &path);

/// Makes the folder and those above it that are missing, for this user only.
Result<> makePrivateFolder(const QString &path);

} // namespace nightshift::store
