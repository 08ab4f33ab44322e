#include "workplace.h"
#include "engine/gitstate.h"
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

using isolation::IsolatedTree;

Result<Workplace> Workplace::enter(Settings &settings, const QString &commit)
{
    Workplace place;
    if (settings.isolation == Isolation::None)
        return place;
    const QString repository = engine::repositoryRoot(settings.cwd);
    if (repository.isEmpty() && settings.isolation == Isolation::Worktree)
        return fail(Error::Kind::Invalid, u"isolation worktree needs a Git repository, and %1 is in none; copy works "
                                          "everywhere"_s.arg(settings.cwd));
    auto tree =
        IsolatedTree::create(settings, settings.isolation, repository.isEmpty() ? settings.cwd : repository, commit);
    if (!tree)
        return std::unexpected(tree.error());
    place.m_tree = std::make_unique<IsolatedTree>(std::move(*tree));
    place.relocate(settings);
    return place;
}

Result<Workplace> Workplace::reenter(Settings &settings, const QString &sessionId)
{
    Workplace place;
    if (settings.isolation == Isolation::None)
        return place;
    auto tree = IsolatedTree::ofSession(settings.home.state, sessionId);
    if (!tree)
        return std::unexpected(tree.error());
    if (tree->isApplied())
        return fail(Error::Kind::NotFound, u"the tree of the session %1 was applied"_s.arg(sessionId));
    place.m_cameBack = tree->isPutAway();
    if (const auto there = tree->comeBack(); !there)
        return std::unexpected(there.error());
    place.m_tree = std::make_unique<IsolatedTree>(std::move(*tree));
    place.relocate(settings);
    return place;
}

Workplace::~Workplace()
{
    if (m_tree && !m_tree->isAdopted()) // nobody could ever ask for it again
        m_tree->remove();
}

void Workplace::relocate(Settings &settings) const
{
    const QString tree = m_tree->tree();
    if (settings.projectRoot == tree || settings.projectRoot.startsWith(tree + u'/'))
        settings.projectRoot = m_tree->place() + settings.projectRoot.sliced(tree.size());
    settings.cwd = m_tree->cwd();
}

Result<> Workplace::adopt(const QString &sessionId)
{
    if (!m_tree)
        return {};
    QFile::remove(m_tree->folder() + "/session"_L1); // a fork goes on in the same tree
    return m_tree->adopt(sessionId);
}

Result<QByteArray> Workplace::diff()
{
    return m_tree ? m_tree->collect() : Result<QByteArray>(QByteArray());
}

Result<> Workplace::restore(const QByteArray &diff)
{
    return m_tree ? m_tree->restore(diff) : Result<>();
}

void putTreesAway(const QString &state, const QStringList &sessions, const QString &kept)
{
    const auto stays = kept.isEmpty() ? fail(Error::Kind::NotFound, {}) : IsolatedTree::ofSession(state, kept);
    for (const QString &session : sessions) {
        auto tree = IsolatedTree::ofSession(state, session);
        if (tree && (!stays || stays->folder() != tree->folder()))
            tree->putAway();
    }
}

QString headCommit(const QString &cwd)
{
    const auto git = engine::gitState(cwd);
    return git ? git->commitHash : QString();
}

QStringList filesInPatch(const QByteArray &patch)
{
    QStringList files;
    for (const QByteArray &line : patch.split('\n')) {
        const qsizetype to = line.indexOf(" b/");
        if (line.startsWith("diff --git a/") && to > 0)
            files += QString::fromUtf8(line.sliced(to + 3));
    }
    files.sort();
    return files;
}

} // namespace nightshift::batch
