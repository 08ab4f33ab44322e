#include "turndiff.h"
#include "tools/diskfiles.h"
#include "tools/gitpatch.h"
#include <QFile>

namespace nightshift::tools {

/// Where the changes take place: the paths themselves and, behind those that are links, the files.
static QStringList placesOf(const std::vector<FileChange> &changes)
{
    QStringList places;
    for (const FileChange &change : changes) {
        for (const QString &path : {change.path, change.movedTo.value_or(change.path)})
            places << realParent(path) << realPath(path);
    }
    return places;
}

/// What cannot be read is as good as not there.
TreeEntry TurnDiff::entryAt(const QString &place)
{
    if (m_mayRead <= 0)
        return {};
    TreeEntry entry = readEntry({}, QFile::encodeName(place.sliced(1)), fileuse::patchedText).value_or(TreeEntry());
    m_mayRead -= entry.content.size();
    return entry;
}

TurnDiff::TurnDiff(const QString &root)
    : m_root(root.isEmpty() ? root : realPath(root))
{}

QByteArray TurnDiff::nameOf(const QString &place) const
{
    const bool isBelow = !m_root.isEmpty() && place.startsWith(m_root + u'/');
    return QFile::encodeName(place.sliced(isBelow ? m_root.size() + 1 : 1));
}

void TurnDiff::begin(const std::vector<FileChange> &changes)
{
    for (const QString &place : placesOf(changes)) {
        if (m_files.contains(place))
            continue;
        if (m_mayRead <= 0)
            return; // what comes now is not shown
        const TreeEntry entry = entryAt(place);
        m_files[place] = {.path = nameOf(place), .before = entry, .after = entry};
    }
}

/// What was moved twice came from where it was first.
void TurnDiff::noteMove(const FileChange &change)
{
    const QByteArray from = nameOf(realParent(change.path));
    const auto earlier = m_movedFrom.extract(from);
    if (change.movedTo)
        m_movedFrom[nameOf(realParent(*change.movedTo))] = earlier ? earlier.mapped() : from;
}

std::optional<QString> TurnDiff::end(const std::vector<FileChange> &changes)
{
    for (const FileChange &change : changes) {
        if (change.movedTo || change.kind == FileChange::Kind::Delete)
            noteMove(change);
    }
    const QStringList touched = placesOf(changes);
    std::vector<TreeChange> changed;
    for (auto &[place, file] : m_files) {
        if (touched.contains(place)) {
            m_mayRead += file.after == file.before ? 0 : file.after.content.size(); // equal contents are shared
            file.after = entryAt(place);
        }
        if (file.before != file.after)
            changed.push_back(file);
    }
    const QByteArray diff =
        gitPatch(std::move(changed),
                 {.binaries = PatchForm::Binaries::Named, .headings = Heading::Line, .movedFrom = m_movedFrom});
    if (diff == m_diff)
        return {};
    m_diff = diff;
    return QString::fromUtf8(diff);
}

} // namespace nightshift::tools
