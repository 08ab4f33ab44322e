#include "gitpatch.h"
#include "tools/diskfiles.h"
#include "tools/linediff.h"
#include <algorithm>
#include <map>

namespace nightshift::isolation {

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

QByteArray body(const TreeChange &change)
{
    const auto before = tools::decodeText(change.before.content), after = tools::decodeText(change.after.content);
    const bool isBinary =
        !before || !after || change.before.content.contains('\0') || change.after.content.contains('\0');
    if (isBinary)
        return "GIT binary patch\n" + literal(change.after.content) + literal(change.before.content);
    const QByteArray hunks = tools::unifiedDiff(*before, *after).toUtf8();
    if (hunks.isEmpty())
        return {};
    return fileLine("--- ", "a/", change.path, change.before) + fileLine("+++ ", "b/", change.path, change.after) +
           hunks;
}

QByteArray mode(int mode)
{
    return QByteArray::number(mode, 8) + '\n';
}

QByteArray section(const TreeChange &change)
{
    const TreeEntry &before = change.before, &after = change.after;
    QByteArray text = "diff --git " + quoted("a/" + change.path) + ' ' + quoted("b/" + change.path) + '\n';
    if (!before.exists())
        text += "new file mode " + mode(after.mode);
    else if (!after.exists())
        text += "deleted file mode " + mode(before.mode);
    else if (before.mode != after.mode)
        text += "old mode " + mode(before.mode) + "new mode " + mode(after.mode);
    if (before.exists() && after.exists() && before.content == after.content)
        return text;
    const QByteArray none(40, '0');
    text += "index " + (before.exists() ? blobId(before.content) : none) + ".." +
            (after.exists() ? blobId(after.content) : none);
    text += before.mode == after.mode ? ' ' + mode(after.mode) : "\n";
    return text + body(change);
}

QByteArray renamed(const QByteArray &from, const TreeChange &change, int oldMode)
{
    QByteArray text = "diff --git " + quoted("a/" + from) + ' ' + quoted("b/" + change.path) + '\n';
    if (oldMode != change.after.mode)
        text += "old mode " + mode(oldMode) + "new mode " + mode(change.after.mode);
    return text + "similarity index 100%\nrename from " + quoted(from) + "\nrename to " + quoted(change.path) + '\n';
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

} // namespace

QByteArray gitPatch(std::vector<TreeChange> changes)
{
    std::ranges::stable_sort(changes, {}, &TreeChange::path);
    splitTypeChanges(changes);
    std::multimap<QByteArray, TreeChange *> gone;
    for (TreeChange &change : changes) {
        if (!change.after.exists() && !change.before.content.isEmpty())
            gone.emplace((isLink(change.before) ? "link " : "file ") + blobId(change.before.content), &change);
    }
    QByteArray patch;
    std::map<const TreeChange *, const TreeChange *> sources;
    std::vector<const TreeChange *> moved;
    for (const TreeChange &change : changes) {
        if (change.before.exists() || !change.after.exists())
            continue;
        const auto source = gone.find((isLink(change.after) ? "link " : "file ") + blobId(change.after.content));
        if (source == gone.end() || source->second->path == change.path)
            continue;
        sources[&change] = source->second;
        moved.push_back(source->second);
        gone.erase(source);
    }
    for (const TreeChange &change : changes) {
        if (const auto source = sources.find(&change); source != sources.end())
            patch += renamed(source->second->path, change, source->second->before.mode);
        else if (!std::ranges::contains(moved, &change))
            patch += section(change);
    }
    return patch;
}

} // namespace nightshift::isolation
