#pragma once
#include "base/fileuse.h"
#include "base/result.h"
#include <QByteArray>
#include <vector>

namespace nightshift::tools {

/// What stands at a path, as git sees it. Folders, sockets and devices are nothing.
struct TreeEntry
{
    static constexpr int file = 0100644;
    static constexpr int program = 0100755;
    static constexpr int link = 0120000;

    int mode = 0;       ///< One of the three; 0 for nothing.
    QByteArray content; ///< Of a symbolic link: where it leads.
    bool exists() const { return mode != 0; }
    bool operator==(const TreeEntry &) const = default;
};

/// One path that differs between two trees. Paths are bytes, relative, without dots.
struct TreeChange
{
    QByteArray path;
    TreeEntry before;
    TreeEntry after;
    bool operator==(const TreeChange &) const = default;
};

/// A symbolic link in front of the path's last name; empty when there is none. What lies behind one is
/// no part of the tree.
QByteArray linkOnTheWay(const QByteArray &tree, const QByteArray &path);

/// Links are read, never followed. Of a file at most as much as the use allows; what is larger is an error.
Result<TreeEntry> readEntry(const QByteArray &tree, const QByteArray &path, const FileUse &use = fileuse::treeFile);

/// Git's name of the content: hexadecimal SHA-1. Source: gitformat-pack(5), "blob".
QByteArray blobId(const QByteArray &content);

} // namespace nightshift::tools
