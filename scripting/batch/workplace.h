#pragma once
#include "domain/settings.h"
#include "isolation/isolatedtree.h"
#include <memory>

namespace nightshift::batch {

/// The tree that an item works in: the real one, or one that stands in for it and outlives the item until its result
/// is applied.
class Workplace
{
public:
    Workplace() = default;
    /// What the settings ask for; they then work there. `commit` is where a worktree begins; empty takes HEAD.
    static Result<Workplace> enter(Settings &settings, const QString &commit);
    /// The one that a session worked in; NotFound when it is gone.
    static Result<Workplace> reenter(Settings &settings, const QString &sessionId);
    ~Workplace();
    Workplace(Workplace &&) = default;
    Workplace &operator=(Workplace &&) = default;

    bool isIsolated() const { return m_tree != nullptr; }
    /// It was put away, and made again by reenter().
    bool cameBack() const { return m_cameBack; }
    /// The session's from now on, beside those it belonged to.
    Result<> adopt(const QString &sessionId);
    /// What it has come to; empty where nothing is isolated.
    Result<QByteArray> diff();
    /// Puts a kept diff into it.
    Result<> restore(const QByteArray &diff);

private:
    void relocate(Settings &settings) const;
    std::unique_ptr<isolation::IsolatedTree> m_tree;
    bool m_cameBack = false;
};

/// The trees of sessions that have ended are not needed any more; what they came to stays. Not the one that `kept`
/// worked in, too.
void putTreesAway(const QString &state, const QStringList &sessions, const QString &kept = {});

/// The commit that isolated items of this folder start from; empty outside of a repository.
QString headCommit(const QString &cwd);
/// The paths that a patch in Git's form changes, sorted.
QStringList filesInPatch(const QByteArray &patch);

} // namespace nightshift::batch
