#include "isolation/isolatedtree.h"
#include "isolation/patchedtree.h"
#include "isolation/treeedits.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::isolation {

// What of a tree is Git's business: the worktree, the patch it comes to, and patches that go into a tree.

Git::NoSandbox IsolatedTree::noSandbox() const
{
    return m_hasFullAccess ? Git::NoSandbox::RunBare : Git::NoSandbox::Refuse;
}

/// Checked out in Git's scratch folder, then put in place.
Result<> IsolatedTree::makeWorktree(const QString &start)
{
    const auto repository = Repository::of(m_tree);
    auto git = repository ? Git::writing(*repository, m_folder, noSandbox()) : std::unexpected(repository.error());
    if (!git)
        return std::unexpected(git.error());
    const auto commit = git->run({u"rev-parse"_s, u"--verify"_s, start + u"^{commit}"_s});
    if (!commit)
        return std::unexpected(commit.error());
    m_commit = commit->trimmed();
    if (const auto made = git->useOwnTree(); !made)
        return made;
    const auto out = git->run({u"read-tree"_s, u"--reset"_s, u"-u"_s, QString::fromLatin1(m_commit)});
    if (!out)
        return std::unexpected(out.error());
    const QString index = m_folder + "/index"_L1;
    QFile::remove(index);
    QFile::setPermissions(git->tree(), QFileInfo(m_tree).permissions());
    if (!QFile::rename(git->index(), index) || !QDir().mkpath(m_folder + "/worktree"_L1) ||
        !QDir().rename(git->tree(), place()))
        return fail(Error::Kind::Internal, u"cannot make the worktree %1"_s.arg(place()));
    const auto linked = repository->link(place(), m_commit, index);
    if (!linked)
        removeAll(place()); // one that is no Git worktree must not stay
    return linked.transform([](const auto &) {});
}

/// All that is different from the commit where it began: committed, staged, changed or new. The repository is asked by
/// way of the real tree, since the worktree's `.git` may have been written by commands.
Result<QByteArray> IsolatedTree::worktreePatch() const
{
    const auto repository = Repository::of(m_tree).transform(
        [this](const Repository &real) { return Repository{.tree = place(), .git = real.git, .common = real.common}; });
    const auto git =
        repository ? Git::writing(*repository, m_folder, noSandbox()) : std::unexpected(repository.error());
    if (!git)
        return std::unexpected(git.error());
    const QString commit = QString::fromLatin1(m_commit);
    copyIndex(m_folder + "/index"_L1, git->index()); // an older version made none
    // read-tree looks into the files that may have changed in the moment they were checked out; add would store all.
    return git->runAll({{u"read-tree"_s, u"-m"_s, commit},
                        {u"add"_s, u"--all"_s},
                        {u"diff-index"_s, u"--cached"_s, u"--patch"_s, u"--binary"_s, u"--full-index"_s,
                         u"--find-renames"_s, u"--no-color"_s, u"--no-ext-diff"_s, u"--no-textconv"_s,
                         u"--submodule=short"_s, u"--src-prefix=a/"_s, u"--dst-prefix=b/"_s, commit}});
}

/// The patch is in Git's own form: of a worktree as the repository keeps its contents, else of the contents themselves.
Result<> IsolatedTree::patch(const QString &tree, const QByteArray &patch) const
{
    const auto repository = m_kind == Isolation::Worktree ? Repository::of(m_tree) : Repository();
    if (!repository)
        return std::unexpected(repository.error());
    Repository there = *repository;
    there.tree = tree;
    const auto git = m_kind == Isolation::Worktree ? Git::writing(there, m_folder, noSandbox())
                                                   : Git::plain(tree, m_folder, noSandbox());
    auto patched = git ? patchedTree(*git, patch) : std::unexpected(git.error());
    if (!patched)
        return std::unexpected(patched.error());
    if (patched->changes.empty())
        return {};
    const QByteArray real = QFile::encodeName(tree);
    for (const TreeChange &change : patched->changes) {
        const QByteArray link = linkOnTheWay(real, change.path);
        const bool goes = std::ranges::any_of(patched->changes,
                                              [&](const TreeChange &c) { return c.path == link && !c.after.exists(); });
        if (!link.isEmpty() && !goes)
            return fail(Error::Kind::Denied,
                        u"%1: %2 is a symbolic link"_s.arg(QFile::decodeName(change.path), QFile::decodeName(link)));
    }
    return carryOut(encodeChanges(patched->changes, real, patched->model));
}

Result<> IsolatedTree::restore(const QByteArray &patch) const
{
    return patch.isEmpty() ? Result<>() : this->patch(place(), patch);
}

Result<QString> IsolatedTree::branch() const
{
    const auto repository = Repository::of(m_tree);
    const auto git = repository ? Git::reading(*repository, noSandbox()) : std::unexpected(repository.error());
    const auto name = git ? git->run({u"symbolic-ref"_s, u"--short"_s, u"HEAD"_s}) : std::unexpected(git.error());
    return name.transform([](const QByteArray &line) { return QString::fromUtf8(line.trimmed()); });
}

} // namespace nightshift::isolation
