#include "gitpatch.h"
#include "tools/diskfiles.h"
#include "tools/linediff.h"
#include "tools/similarity.h"
#include <algorithm>
#include <map>
#include <set>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

/// As git quotes names that would break a line.
QByteArray quoted(const QByteArray &name)
{
    const auto isOdd = [](char c) { return uchar(c) < 0x20 || c == 0x7f || c == '"' || c == '\\'; };
    if (std::ranges::none_of(name, isOdd))
        return name;
    QByteArray text = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\')
            text += QByteArray("\\") + c;
        else if (c >= '\a' && c <= '\r')
            text += QByteArray("\\") + "abtnvfr"[c - '\a'];
        else if (isOdd(c))
            text += '\\' + QByteArray::number(uchar(c), 8).rightJustified(3, '0');
        else
            text += c;
    }
    return text + '"';
}

/// A name with a blank is ended by a tab, or patch programs would look for a date behind it.
QByteArray fileLine(const char *mark, const char *side, const QByteArray &path, const TreeEntry &entry)
{
    const QByteArray name = entry.exists() ? quoted(side + path) : "/dev/null";
    return mark + name + (name.contains(' ') && !name.startsWith('"') ? "\t\n" : "\n");
}

/// Source: git's base85.c; the alphabet of RFC 1924, big end first.
void appendBase85(QByteArray &text, const QByteArray &bytes)
{
    static constexpr char digits[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    for (qsizetype at = 0; at < bytes.size(); at += 4) {
        quint32 word = 0;
        for (qsizetype i = 0; i < 4; ++i)
            word = word << 8 | (at + i < bytes.size() ? uchar(bytes[at + i]) : 0U);
        char group[5];
        for (int i = 4; i >= 0; --i, word /= 85)
            group[i] = digits[word % 85];
        text.append(group, 5);
    }
}

QByteArray literal(const QByteArray &content)
{
    constexpr qsizetype lineBytes = 52; // its letter says how many there are
    QByteArray text = "literal " + QByteArray::number(content.size()) + '\n';
    // An empty text is nothing to qCompress, but a stream to zlib.
    const QByteArray packed =
        content.isEmpty() ? QByteArray::fromHex("789c030000000001") : qCompress(content).sliced(4);
    for (qsizetype at = 0; at < packed.size(); at += lineBytes) {
        const QByteArray line = packed.sliced(at, qMin(lineBytes, packed.size() - at));
        text += char(line.size() <= 26 ? 'A' + line.size() - 1 : 'a' + line.size() - 27);
        appendBase85(text, line);
        text += '\n';
    }
    return text + '\n';
}

/// A path in the tree, and what it shows of a file that may have come from elsewhere.
struct Sides
{
    QByteArray from;
    QByteArray to;
    const TreeEntry &before;
    const TreeEntry &after;
};

QByteArray body(const Sides &sides, const PatchForm &form)
{
    const QByteArray &old = sides.before.content, &now = sides.after.content;
    const auto before = decodeText(old), after = decodeText(now);
    const bool isBinary = !before || !after || old.contains('\0') || now.contains('\0');
    const auto name = [](const char *side, const QByteArray &path, const TreeEntry &entry) {
        return entry.exists() ? quoted(side + path) : "/dev/null"_ba;
    };
    if (isBinary && form.binaries == PatchForm::Binaries::Named)
        return "Binary files " + name("a/", sides.from, sides.before) + " and " + name("b/", sides.to, sides.after) +
               " differ\n";
    if (isBinary)
        return "GIT binary patch\n" + literal(now) + literal(old);
    const QByteArray hunks = unifiedDiff(*before, *after, form.headings).toUtf8();
    if (hunks.isEmpty())
        return {};
    return fileLine("--- ", "a/", sides.from, sides.before) + fileLine("+++ ", "b/", sides.to, sides.after) + hunks;
}

QByteArray mode(int mode)
{
    return QByteArray::number(mode, 8) + '\n';
}

QByteArray modeChange(const TreeEntry &before, const TreeEntry &after)
{
    return before.mode == after.mode ? QByteArray() : "old mode " + mode(before.mode) + "new mode " + mode(after.mode);
}

QByteArray contentChange(const Sides &sides, const PatchForm &form)
{
    const TreeEntry &before = sides.before, &after = sides.after;
    if (before.exists() && after.exists() && before.content == after.content)
        return {};
    const QByteArray none(40, '0');
    return "index " + (before.exists() ? blobId(before.content) : none) + ".." +
           (after.exists() ? blobId(after.content) : none) +
           (before.mode == after.mode ? ' ' + mode(after.mode) : "\n"_ba) + body(sides, form);
}

QByteArray section(const TreeChange &change, const PatchForm &form)
{
    const TreeEntry &before = change.before, &after = change.after;
    QByteArray text = "diff --git " + quoted("a/" + change.path) + ' ' + quoted("b/" + change.path) + '\n';
    if (!before.exists())
        text += "new file mode " + mode(after.mode);
    else if (!after.exists())
        text += "deleted file mode " + mode(before.mode);
    else
        text += modeChange(before, after);
    return text + contentChange({change.path, change.path, before, after}, form);
}

QByteArray renamed(const TreeChange &from, const TreeChange &to, const PatchForm &form)
{
    return "diff --git " + quoted("a/" + from.path) + ' ' + quoted("b/" + to.path) + '\n' +
           modeChange(from.before, to.after) + "similarity index " +
           QByteArray::number(similarity(from.before.content, to.after.content)) + "%\nrename from " +
           quoted(from.path) + "\nrename to " + quoted(to.path) + '\n' +
           contentChange({from.path, to.path, from.before, to.after}, form);
}

bool isLink(const TreeEntry &entry)
{
    return entry.mode == TreeEntry::link;
}

/// What is no longer a link, or has become one, goes and comes again: a patch has no word for it.
void splitTypeChanges(std::vector<TreeChange> &changes)
{
    std::vector<TreeChange> split;
    for (TreeChange &change : changes) {
        if (change.before.exists() && change.after.exists() && isLink(change.before) != isLink(change.after)) {
            split.push_back({change.path, change.before, {}});
            change.before = {};
        }
        split.push_back(std::move(change));
    }
    changes = std::move(split);
}

/// Which of the changes are moved files: by where they went, where they came from.
class Renames
{
public:
    Renames(const std::vector<TreeChange> &changes, const PatchForm &form);

    const TreeChange *sourceOf(const TreeChange &change) const
    {
        const auto found = m_sources.find(&change);
        return found == m_sources.end() ? nullptr : found->second;
    }
    bool isSource(const TreeChange &change) const { return m_moved.contains(&change); }

private:
    static QByteArray kindAndContent(const TreeEntry &entry)
    {
        return (isLink(entry) ? "link " : "file ") + blobId(entry.content);
    }
    void pair(const TreeChange &from, const TreeChange &to)
    {
        m_sources[&to] = &from;
        m_moved.insert(&from);
    }

    std::map<const TreeChange *, const TreeChange *> m_sources;
    std::set<const TreeChange *> m_moved;
};

Renames::Renames(const std::vector<TreeChange> &changes, const PatchForm &form)
{
    std::map<QByteArray, const TreeChange *> gone;
    std::vector<const TreeChange *> come;
    for (const TreeChange &change : changes) {
        if (!change.after.exists())
            gone[change.path] = &change;
        else if (!change.before.exists())
            come.push_back(&change);
    }
    for (const TreeChange *to : come) {
        const auto origin = form.movedFrom.find(to->path);
        const auto from = origin == form.movedFrom.end() ? gone.end() : gone.find(origin->second);
        if (from == gone.end() || isLink(from->second->before) || isLink(to->after))
            continue;
        pair(*from->second, *to);
        gone.erase(from);
    }
    std::multimap<QByteArray, const TreeChange *> byContent;
    for (const auto &[path, change] : gone) {
        if (!change->before.content.isEmpty())
            byContent.emplace(kindAndContent(change->before), change);
    }
    for (const TreeChange *to : come) {
        const auto from = byContent.find(kindAndContent(to->after));
        if (sourceOf(*to) || from == byContent.end() || from->second->path == to->path)
            continue;
        pair(*from->second, *to);
        byContent.erase(from);
    }
}

} // namespace

QByteArray gitPatch(std::vector<TreeChange> changes, const PatchForm &form)
{
    std::ranges::stable_sort(changes, {}, &TreeChange::path);
    splitTypeChanges(changes);
    const Renames renames(changes, form);
    QByteArray patch;
    for (const TreeChange &change : changes) {
        if (const TreeChange *source = renames.sourceOf(change))
            patch += renamed(*source, change, form);
        else if (!renames.isSource(change))
            patch += section(change, form);
    }
    return patch;
}

} // namespace nightshift::tools
