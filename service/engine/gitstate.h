#pragma once
#include "store/sessionmeta.h"

namespace nightshift::engine {

/// The folder that holds `.git`, above `folder` or at it; empty when there is none.
QString repositoryRoot(const QString &folder);

/// Branch and commit of the work tree around `folder`, read from Git's own files: running git for it would
/// cost more than the rest of a session's start. Source: gitrepository-layout(5).
std::optional<store::GitState> gitState(const QString &folder);

} // namespace nightshift::engine
