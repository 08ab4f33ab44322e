#pragma once
#include "base/result.h"
#include <QStringList>

namespace nightshift::isolation {

/// Where a working tree's repository lies: what Git would find by itself, told to it instead, so that nothing that is
/// put into the tree later leads it elsewhere. Source: gitrepository-layout(5).
struct Repository
{
    QString tree;   ///< The working tree.
    QString git;    ///< Its own Git folder.
    QString common; ///< The folder that all working trees of the repository share; `git` itself but for a linked one.
    bool operator==(const Repository &) const = default;

    /// Of the tree whose top is `tree`; NotFound where Git would find none there.
    static Result<Repository> of(const QString &tree);

    /// The linked working tree that was made at `place`; NotFound when the repository knows of none.
    Result<Repository> linked(const QString &place) const;
    /// Makes `place`, where the files are already, a linked working tree at the commit: what `git worktree add
    /// --no-checkout --detach` does, without a Git that may write into the repository.
    Result<Repository> link(const QString &place, const QByteArray &commit, const QString &index) const;
    /// What `git worktree remove` does to the repository; nothing when it knows of no such tree.
    void unlink(const QString &place) const;
};

/// Copies an index of Git's with its time, by which Git tells files that may have changed in the same moment. False
/// with errno when it cannot.
bool copyIndex(const QString &from, const QString &to);

} // namespace nightshift::isolation
