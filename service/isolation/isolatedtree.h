#pragma once
#include "domain/settings.h"
#include "isolation/changedpaths.h"
#include "isolation/git.h"
#include "isolation/treeentry.h"

namespace nightshift::isolation {

/// A working tree that a session changes instead of the real one, and what it comes to. It lives in a folder of
/// its own below STATE/isolation, from before the session has an id until its result is applied or the session
/// is deleted:
///
///   tree.json      what this class knows
///   upper/ work/   of an overlay       copy/   of a copy       worktree/NAME   of a Git worktree
///   index          of a worktree, as it was checked out; commands cannot reach it
///   result.patch   after every turn
class IsolatedTree
{
public:
    /// For a run with these settings, whose working folder is somewhere in `tree`; both absolute and canonical. A
    /// worktree or a copy is made here; an overlay only gets its folders, see overlayWords(). A worktree begins at
    /// `commit`, or at HEAD.
    static Result<IsolatedTree> create(const Settings &settings, Isolation kind, const QString &tree,
                                       const QString &commit = {});
    static Result<IsolatedTree> load(const QString &folder);
    /// The tree of a session; NotFound when it has none.
    static Result<IsolatedTree> ofSession(const QString &state, const QString &sessionId);
    /// Removes what a session that is deleted leaves behind. A Git worktree stays: it may hold commits.
    static void forget(const QString &state, const QString &sessionId);

    Isolation kind() const { return m_kind; }
    const QString &folder() const { return m_folder; }
    const QString &tree() const { return m_tree; } ///< The real one.
    QString place() const;                         ///< Where its stand-in is: the tree itself under an overlay.
    QString cwd() const;                           ///< Of the run, in the stand-in.

    /// What follows `nightshift-sandbox overlay` in front of a program and its arguments (sandbox/overlay.h).
    QStringList overlayWords() const;
    /// From inside of the overlay: a path that leads to the real tree.
    void setRealTree(const QString &path) { m_realTree = path; }
    /// `path` for a file that is meant for the user and not for the stand-in.
    QString outside(const QString &path) const;
    /// There is no overlay to be had here: copies the tree instead.
    Result<> becomeCopy();
    /// Starts afresh after the result was applied, in the same folder.
    Result<> renew();
    /// The session's from now on.
    Result<> adopt(const QString &sessionId) const;
    bool isAdopted() const;

    /// What the run has come to so far, as a patch, which is also kept in the folder.
    Result<QByteArray> collect();
    /// The stand-in goes, and what was collected last stays: apply() and collect() are as before, and comeBack() makes
    /// it again, without what no patch tells. Nothing happens to an overlay, or before anything was collected.
    void putAway();
    bool isPutAway() const;
    /// Nothing to do where it never went. Denied when a copy of the tree as it is now does not take the patch.
    Result<> comeBack();
    /// Whether Git's own folder was touched, which no patch tells.
    bool hasGitChanges() const { return m_hasGitChanges; }
    /// Puts the collected result into the real tree, whole or not at all; Denied, with the names, when files
    /// there are no longer what they were. Says how many files were changed.
    Result<qsizetype> apply();
    bool isApplied() const { return m_isApplied; }
    /// Makes the changes of a patch in the stand-in, whole or not at all.
    Result<> restore(const QByteArray &patch) const;
    /// The branch that the real tree is on; an error where it is on none.
    Result<QString> branch() const;
    /// Removes the folder and, of a worktree, nothing else.
    void discard();
    /// Removes the worktree, too: nobody can want it.
    void remove();

private:
    Result<> fill(const QString &commit = {});
    Result<> save() const;
    Result<std::vector<TreeChange>> changes();
    void removeStandIn();
    QString patchFile() const { return m_folder + QStringLiteral("/result.patch"); }
    Result<QByteArray> keptPatch() const;
    Result<> keepPatch(const QByteArray &patch) const;
    Result<QByteArray> worktreePatch() const;
    Result<qsizetype> applyPatch() const;
    Result<> makeWorktree(const QString &start);
    Result<> patch(const QString &tree, const QByteArray &patch) const;
    Git::NoSandbox noSandbox() const;
    Result<> check(const std::vector<TreeChange> &changes) const;
    QByteArray changedFolder() const; ///< Holds what of the tree is different, or all of it.
    QByteArray realTree() const;

    QString m_folder;
    Isolation m_kind = Isolation::None;
    QString m_tree;
    QString m_cwd; ///< In the real tree.
    QString m_realTree;
    QByteArray m_commit;                  ///< Of a worktree: where it began.
    CopiedFiles m_copied;                 ///< Of a copy.
    QMap<QByteArray, QByteArray> m_bases; ///< fingerprint() of every changed file as it was at first.
    bool m_isApplied = false;
    bool m_hasGitChanges = false;
    bool m_hasFullAccess = false; ///< The session asked for it; see Git::NoSandbox.
};

} // namespace nightshift::isolation
