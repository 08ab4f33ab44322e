#include "base/boundedfile.h"
#include "isolation/isolatedtree.h"
#include <QDir>
#include <QFileInfo>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace nightshift::isolation {

// What a tree has come to, as a patch in its folder, and the tree without its stand-in.

Result<QByteArray> IsolatedTree::keptPatch() const
{
    auto patch = readBounded(patchFile(), fileuse::patchRecord);
    return patch ? patch : failAt(u"cannot read "_s + patchFile(), patch.error());
}

Result<> IsolatedTree::keepPatch(const QByteArray &patch) const
{
    QSaveFile file(patchFile());
    if (!file.open(QIODevice::WriteOnly) || file.write(patch) != patch.size() || !file.commit())
        return fail(Error::Kind::Internal, u"cannot write %1: %2"_s.arg(file.fileName(), file.errorString()));
    return {};
}

Result<qsizetype> IsolatedTree::applyPatch() const
{
    const auto patch = isPutAway() ? keptPatch() : worktreePatch();
    if (!patch)
        return std::unexpected(patch.error());
    if (patch->isEmpty())
        return 0;
    if (const auto kept = keepPatch(*patch); !kept)
        return std::unexpected(kept.error());
    const auto applied = this->patch(m_tree, *patch); // all or nothing
    if (!applied)
        return fail(Error::Kind::Denied, u"nothing was applied: "_s + applied.error().message);
    return patch->count("\ndiff --git ") + 1;
}

bool IsolatedTree::isPutAway() const
{
    return m_kind != Isolation::Overlay && !QFileInfo::exists(place());
}

void IsolatedTree::putAway()
{
    if (isPutAway() || !QFileInfo::exists(patchFile()))
        return;
    removeStandIn();
    m_copied.clear(); // it was about the stand-in
    std::ignore = save();
}

Result<> IsolatedTree::comeBack()
{
    if (!isPutAway())
        return {};
    const auto patch = keptPatch();
    if (!patch)
        return std::unexpected(patch.error());
    removeStandIn(); // what of it somebody's death left
    if (const auto filled = fill(QString::fromLatin1(m_commit)); !filled)
        return filled;
    if (patch->isEmpty())
        return {};
    const auto applied = restore(*patch);
    if (applied)
        return {};
    removeStandIn();
    return fail(Error::Kind::Denied, u"what the session came to, %1, does not fit %2 as it is now: %3"_s.arg(
                                         patchFile(), m_tree, applied.error().message));
}

/// First out of sight: half of it, should we be killed, would be a result of its own.
void IsolatedTree::removeStandIn()
{
    if (m_kind != Isolation::Copy && m_kind != Isolation::Worktree)
        return; // an overlay's place is the real tree
    const QString gone = m_folder + "/gone"_L1;
    QDir().rename(place(), gone);
    if (const auto repository = Repository::of(m_tree); repository && m_kind == Isolation::Worktree)
        repository->unlink(place());
    for (const QString &folder : {gone, m_folder + "/worktree"_L1, m_folder + "/copy"_L1})
        removeAll(folder);
}

void IsolatedTree::remove()
{
    removeStandIn();
    discard();
}

} // namespace nightshift::isolation
