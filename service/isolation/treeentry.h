#pragma once
#include "tools/treeentry.h"
#include <QByteArrayList>

namespace nightshift::isolation {

using tools::blobId;
using tools::linkOnTheWay;
using tools::readEntry;
using tools::TreeChange;
using tools::TreeEntry;

/// The names in a folder but for the dots, sorted; none when it is no folder.
QByteArrayList namesIn(const QByteArray &folder);
bool isFolder(const QByteArray &path);

/// Removes a folder, also what a command made unreadable for its owner.
void removeAll(const QString &folder);

/// Git's own folder: no patch speaks of it.
bool isGits(const QByteArray &path);

/// What of an entry must be as it was for a change to fit: its mode and blobId(), or "none".
QByteArray fingerprint(const TreeEntry &entry);

} // namespace nightshift::isolation
