#include "isolatedtree.h"
#include "base/ids.h"
#include "isolation/treeedits.h"
#include "isolation/treefile.h"
#include "store/folders.h"
#include "tools/gitpatch.h"
#include <QDir>
#include <QFileInfo>
#include <QScopeGuard>

using namespace Qt::StringLiterals;

namespace nightshift::isolation {

namespace {

/// Old and new content of all files: a patch is made of them in memory.
constexpr qint64 mostChangedBytes = 2LL << 30;

bool isInside(const QString &path, const QString &folder)
{
    return path == folder || folder == "/"_L1 || path.startsWith(folder + u'/');
}

QString linkOf(const QString &state, const QString &sessionId)
{
    return state + "/isolation/session-"_L1 + sessionId;
}

/// The first of some, and how many there are beside.
QString named(const QStringList &paths)
{
    constexpr qsizetype shown = 5;
    const QString some = paths.first(qMin(shown, paths.size())).join(", "_L1);
    return paths.size() <= shown ? some : u"%1 and %2 more"_s.arg(some).arg(paths.size() - shown);
}

} // namespace

Result<IsolatedTree> IsolatedTree::create(const Settings &settings, Isolation kind, const QString &tree,
                                          const QString &startCommit)
{
    const QString &state = settings.home.state;
    if (isInside(state, tree))
        return fail(Error::Kind::Invalid, u"%1 cannot be isolated, because our own state folder %2 lies in it; "
                                          "set NIGHTSHIFT_HOME to another place"_s.arg(tree, state));
    IsolatedTree made;
    made.m_folder = state + "/isolation/"_L1 + newId();
    made.m_kind = kind;
    made.m_tree = tree;
    made.m_cwd = settings.cwd;
    made.m_hasFullAccess = settings.sandbox.mode == SandboxPolicy::Mode::DangerFullAccess;
    if (const auto folder = store::makePrivateFolder(made.m_folder); !folder)
        return std::unexpected(folder.error());
    if (const auto filled = made.fill(startCommit); !filled) {
        made.discard();
        return std::unexpected(filled.error());
    }
    return made;
}

Result<> IsolatedTree::fill(const QString &startCommit)
{
    if (m_kind == Isolation::Copy)
        return becomeCopy();
    if (m_kind == Isolation::Overlay) {
        for (const QString &name : {u"/upper"_s, u"/work"_s}) {
            if (const auto folder = store::makePrivateFolder(m_folder + name); !folder)
                return folder;
        }
        // What stands at the top of an overlay has the upper folder's permissions.
        QFile::setPermissions(m_folder + "/upper"_L1, QFileInfo(m_tree).permissions());
        return save();
    }
    const auto made = makeWorktree(startCommit.isEmpty() ? u"HEAD"_s : startCommit);
    return made ? save() : made;
}

Result<> IsolatedTree::becomeCopy()
{
    m_kind = Isolation::Copy;
    QByteArray failed;
    m_copied.clear();
    if (const auto folder = store::makePrivateFolder(m_folder + "/copy"_L1); !folder)
        return folder;
    if (!copyTree(QFile::encodeName(m_tree), QFile::encodeName(place()), m_copied, failed))
        return store::systemError(u"copy"_s, QFile::decodeName(failed));
    return save();
}

Result<> IsolatedTree::renew()
{
    m_bases.clear();
    m_isApplied = false;
    if (m_kind == Isolation::Worktree) { // goes on from where it is
        const auto back = comeBack();
        return back ? save() : back;
    }
    for (const QString &name : {u"/upper"_s, u"/work"_s, u"/copy"_s})
        removeAll(m_folder + name);
    return fill();
}

Result<IsolatedTree> IsolatedTree::load(const QString &folder)
{
    auto file = readTreeFile(folder + "/tree.json"_L1);
    if (!file)
        return std::unexpected(file.error());
    IsolatedTree loaded;
    loaded.m_folder = folder;
    loaded.m_kind = file->kind;
    loaded.m_tree = file->tree;
    loaded.m_cwd = file->cwd;
    loaded.m_commit = file->commit;
    loaded.m_copied = std::move(file->copied);
    loaded.m_bases = std::move(file->bases);
    loaded.m_isApplied = file->isApplied;
    loaded.m_hasFullAccess = file->hasFullAccess;
    return loaded;
}

Result<> IsolatedTree::save() const
{
    return writeTreeFile(m_folder + "/tree.json"_L1, {.kind = m_kind,
                                                      .tree = m_tree,
                                                      .cwd = m_cwd,
                                                      .commit = m_commit,
                                                      .isApplied = m_isApplied,
                                                      .hasFullAccess = m_hasFullAccess,
                                                      .bases = m_bases,
                                                      .copied = m_copied});
}

Result<IsolatedTree> IsolatedTree::ofSession(const QString &state, const QString &sessionId)
{
    const QString folder = QFileInfo(linkOf(state, sessionId)).symLinkTarget();
    if (folder.isEmpty())
        return fail(Error::Kind::NotFound,
                    u"the session %1 did not run isolated: there is nothing to apply"_s.arg(sessionId));
    return load(folder);
}

void IsolatedTree::forget(const QString &state, const QString &sessionId)
{
    if (auto tree = ofSession(state, sessionId))
        tree->discard();
    QFile::remove(linkOf(state, sessionId));
}

Result<> IsolatedTree::adopt(const QString &sessionId) const
{
    const QString link = m_folder.section(u'/', 0, -2) + "/session-"_L1 + sessionId;
    if (QFileInfo(link).symLinkTarget() == m_folder)
        return {};
    QFile::remove(link);
    if (!QFile::link(sessionId, m_folder + "/session"_L1) || !QFile::link(m_folder, link))
        return store::systemError(u"create"_s, link);
    return {};
}

bool IsolatedTree::isAdopted() const
{
    return QFileInfo(m_folder + "/session"_L1).isSymLink();
}

QString IsolatedTree::place() const
{
    switch (m_kind) {
    case Isolation::Copy:
        return m_folder + "/copy/"_L1 + QFileInfo(m_tree).fileName();
    case Isolation::Worktree:
        return m_folder + "/worktree/"_L1 + QFileInfo(m_tree).fileName();
    default:
        return m_tree;
    }
}

QString IsolatedTree::cwd() const
{
    return place() + m_cwd.sliced(m_tree.size());
}

QStringList IsolatedTree::overlayWords() const
{
    return {m_tree, m_folder + "/upper"_L1, m_folder + "/work"_L1, QDir::currentPath()};
}

QString IsolatedTree::outside(const QString &path) const
{
    const QString absolute = QDir::cleanPath(QDir::current().absoluteFilePath(path));
    return isInside(absolute, m_tree) && !m_realTree.isEmpty() ? m_realTree + absolute.sliced(m_tree.size()) : path;
}

QByteArray IsolatedTree::changedFolder() const
{
    return QFile::encodeName(m_kind == Isolation::Overlay ? m_folder + "/upper"_L1 : place());
}

QByteArray IsolatedTree::realTree() const
{
    return QFile::encodeName(m_realTree.isEmpty() ? m_tree : m_realTree);
}

Result<std::vector<TreeChange>> IsolatedTree::changes()
{
    const QByteArray from = changedFolder(), real = realTree();
    std::vector<TreeChange> found;
    qint64 bytes = 0;
    for (const QByteArray &path :
         m_kind == Isolation::Overlay ? changedInOverlay(from, real) : changedInCopy(from, m_copied)) {
        if (isGits(path)) {
            m_hasGitChanges = true;
            continue;
        }
        auto before = readEntry(real, path), after = readEntry(from, path);
        if (!before || !after)
            return std::unexpected(before ? after.error() : before.error());
        if (*before == *after)
            continue;
        bytes += before->content.size() + after->content.size();
        if (bytes > mostChangedBytes)
            return fail(Error::Kind::Invalid, u"what changed in %1 has more than %2 bytes together, too many for a "
                                              "patch"_s.arg(m_tree)
                                                  .arg(mostChangedBytes));
        found.push_back({path, std::move(*before), std::move(*after)});
    }
    return found;
}

Result<QByteArray> IsolatedTree::collect()
{
    if (isPutAway())
        return keptPatch();
    QByteArray patch;
    if (m_kind == Isolation::Worktree) {
        auto made = worktreePatch();
        if (!made)
            return made;
        patch = std::move(*made);
    } else {
        auto found = changes();
        if (!found)
            return std::unexpected(found.error());
        for (const TreeChange &change : *found) {
            const auto copied = m_copied.constFind(change.path);
            const bool isKnown = copied == m_copied.cend() || isOriginal(realTree() + '/' + change.path, *copied);
            if (!m_bases.contains(change.path)) // the first stays: later turns built on it
                m_bases[change.path] = isKnown ? fingerprint(change.before) : "changed meanwhile"_ba;
        }
        patch = gitPatch(std::move(*found));
    }
    if (isPutAway()) // meanwhile, by somebody else: this would be a patch of nothing
        return keptPatch();
    if (const auto kept = keepPatch(patch); !kept)
        return std::unexpected(kept.error());
    if (const auto saved = save(); !saved)
        return std::unexpected(saved.error());
    return patch;
}

/// Whether the real files are what the run began with.
Result<> IsolatedTree::check(const std::vector<TreeChange> &changes) const
{
    QStringList others;
    const auto goes = [&changes](const QByteArray &path) {
        return std::ranges::any_of(changes, [&](const TreeChange &c) { return c.path == path && !c.after.exists(); });
    };
    for (const TreeChange &change : changes) {
        const QByteArray link = linkOnTheWay(realTree(), change.path);
        if (!link.isEmpty() && !goes(link))
            others += QFile::decodeName(link);
        else if (m_bases.value(change.path, fingerprint(change.before)) != fingerprint(change.before))
            others += QFile::decodeName(change.path);
    }
    if (others.isEmpty())
        return {};
    return fail(Error::Kind::Denied, u"nothing was applied, because %1 changed in %2 since the run began; the patch is "
                                     "%3"_s.arg(named(others), m_tree, patchFile()));
}

Result<qsizetype> IsolatedTree::apply()
{
    if (m_isApplied)
        return fail(Error::Kind::Invalid, u"the result was applied already, and nothing came after it"_s);
    Result<qsizetype> count = 0;
    if (m_kind == Isolation::Worktree || isPutAway()) {
        count = applyPatch();
    } else {
        const auto found = changes();
        if (!found)
            return std::unexpected(found.error());
        if (const auto fits = check(*found); !fits)
            return std::unexpected(fits.error());
        const auto written = found->empty() ? Result<>() : carryOut(encodeChanges(*found, realTree(), changedFolder()));
        if (!written)
            return std::unexpected(written.error());
        count = qsizetype(found->size());
    }
    if (!count)
        return count;
    m_isApplied = true;
    if (const auto saved = save(); !saved)
        return std::unexpected(saved.error());
    return count;
}

void IsolatedTree::discard()
{
    if (!m_folder.isEmpty() && (m_kind != Isolation::Worktree || !QFileInfo::exists(place())))
        removeAll(m_folder);
}

} // namespace nightshift::isolation
