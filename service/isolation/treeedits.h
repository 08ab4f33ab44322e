#pragma once
#include "isolation/treeentry.h"

namespace nightshift::isolation {

/// The changes to `tree` as the helper's `write` mode reads them (sandbox/writefiles.h): first what goes, then
/// what comes. Permissions of written files are those of the same paths below `model`.
QByteArray encodeChanges(const std::vector<TreeChange> &changes, const QByteArray &tree, const QByteArray &model);

/// Carries them out, all or none.
Result<> carryOut(const QByteArray &edits);

} // namespace nightshift::isolation
