#include "tools/patchplan.h"
#include "tools/diskfiles.h"
#include "tools/linediff.h"
#include "tools/patchapply.h"
#include <QFileInfo>
#include <algorithm>
#include <map>
#include <set>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

/// Of all files that one patch reads. Each may have 64 MiB, and a patch may name thousands.
constexpr qsizetype mostBytesOfAPatch = 256 << 20;

/// What the hunks so far have done to one path.
struct Touched
{
    bool added = false;
    std::optional<QString> text; ///< Absent when it was deleted or moved away.
    QString movedTo;
    QString movedText;
};

/// Goes through the hunks in order, keeping in mind what the ones before have done.
class Planning
{
public:
    explicit Planning(const QString &cwd)
        : m_cwd(cwd)
    {}

    Result<> take(const PatchHunk &hunk);
    PatchPlan finish();

private:
    Result<> add(const PatchHunk &hunk);
    Result<> remove(const PatchHunk &hunk);
    Result<> update(const PatchHunk &hunk);
    void move(const QString &from, const QString &to, const QString &text);
    void write(const QString &path, const QString &text, const QString &modeOf = {});
    void erase(const QString &path);
    QString fileAt(const QString &path) const;
    Result<> present(const QString &path) const;
    Result<QString> read(const QString &path);
    Result<QString> textOnDisk(const QString &file);
    std::vector<FileChange> changes();

    QString m_cwd;
    std::vector<FileEdit> m_edits;
    std::map<QString, Touched> m_touched;
    std::map<QString, std::optional<QString>> m_texts; ///< By real path; absent text means deleted.
    std::set<QString> m_destinations;                  ///< Real paths that something was moved to.
    QString m_added, m_modified, m_deleted;            ///< Lines of the summary.
    qsizetype m_mayRead = mostBytesOfAPatch;
};

Result<> Planning::take(const PatchHunk &hunk)
{
    if (hunk.path.contains(QChar::Null) || hunk.moveTo.contains(QChar::Null))
        return fail(Error::Kind::Invalid, u"invalid patch: a file name holds a NUL character"_s);
    switch (hunk.kind) {
    case PatchHunk::Kind::Add:
        return add(hunk);
    case PatchHunk::Kind::Delete:
        return remove(hunk);
    case PatchHunk::Kind::Update:
        return update(hunk);
    }
    return {};
}

Result<> Planning::add(const PatchHunk &hunk)
{
    const QString path = absolutePath(hunk.path, m_cwd);
    write(path, hunk.content);
    m_touched[path].added = true;
    m_added += u"A "_s + hunk.path + u'\n';
    return {};
}

Result<> Planning::remove(const PatchHunk &hunk)
{
    const QString path = absolutePath(hunk.path, m_cwd);
    if (const Result<> there = present(path); !there)
        return failAt(u"Failed to read "_s + path, there.error());
    erase(path);
    m_deleted += u"D "_s + hunk.path + u'\n';
    return {};
}

Result<> Planning::update(const PatchHunk &hunk)
{
    const QString path = absolutePath(hunk.path, m_cwd);
    const Result<QString> before = read(path);
    if (!before)
        return failAt(u"Failed to read file to update "_s + path, before.error());
    const Result<QString> after = applyChunks(*before, hunk.chunks, path);
    if (!after)
        return std::unexpected(after.error());
    const QString to = hunk.moveTo.isEmpty() ? path : absolutePath(hunk.moveTo, m_cwd);
    const bool toItself = realParent(to) == realParent(path) || fileAt(to) == realParent(path);
    if (toItself)
        write(path, *after);
    else
        move(path, to, *after);
    m_modified += u"M "_s + (hunk.moveTo.isEmpty() ? hunk.path : hunk.moveTo) + u'\n';
    return {};
}

void Planning::move(const QString &from, const QString &to, const QString &text)
{
    write(to, text, from);
    m_destinations.insert(fileAt(to));
    m_touched.erase(to); // the change is told of the old place
    erase(from);
    m_touched[from].movedTo = to;
    m_touched[from].movedText = text;
}

void Planning::write(const QString &path, const QString &text, const QString &modeOf)
{
    m_edits.push_back({.kind = FileEdit::Kind::Write, .path = path, .content = text.toUtf8(), .modeOf = modeOf});
    m_touched[path].text = text;
    m_texts[fileAt(path)] = text;
}

void Planning::erase(const QString &path)
{
    m_edits.push_back({.kind = FileEdit::Kind::Remove, .path = path});
    m_touched[path].text = {};
    m_texts[realParent(path)] = std::nullopt; // of a link, the link itself
}

/// The key of `path` in m_texts.
QString Planning::fileAt(const QString &path) const
{
    const QString place = realParent(path);
    return m_texts.contains(place) ? place : realPath(path);
}

Result<> Planning::present(const QString &path) const
{
    const QString file = fileAt(path);
    if (m_destinations.contains(file))
        return fail(Error::Kind::Invalid,
                    u"an earlier hunk of this patch moves a file there; make both changes in it"_s);
    if (const auto known = m_texts.find(file); known != m_texts.end())
        return known->second ? Result<>() : fail(Error::Kind::NotFound, u"an earlier hunk of this patch removed it"_s);
    const QFileInfo info(file);
    if (!info.exists())
        return fail(Error::Kind::NotFound, u"No such file or directory"_s);
    return info.isFile() ? Result<>() : fail(Error::Kind::Invalid, u"path `%1` is not a file"_s.arg(path));
}

Result<QString> Planning::textOnDisk(const QString &file)
{
    if (m_mayRead <= 0)
        return fail(Error::Kind::Invalid,
                    u"the files of one patch may have %1 bytes together; split it"_s.arg(mostBytesOfAPatch));
    const auto bytes = readFile(file);
    if (!bytes)
        return std::unexpected(bytes.error());
    m_mayRead -= bytes->size();
    return decodeText(*bytes);
}

Result<QString> Planning::read(const QString &path)
{
    if (const Result<> there = present(path); !there)
        return std::unexpected(there.error());
    const QString file = fileAt(path);
    if (const auto known = m_texts.find(file); known != m_texts.end())
        return *known->second;
    return textOnDisk(file);
}

std::vector<FileChange> Planning::changes()
{
    m_mayRead = mostBytesOfAPatch;
    using Kind = FileChange::Kind;
    std::vector<FileChange> changes;
    for (const auto &[path, touched] : m_touched) {
        const bool existed = QFileInfo(path).isFile();
        const QString before =
            existed ? textOnDisk(path).value_or(QString()) : QString(); // a binary file shows no text
        const auto updated = [&](const QString &after) {
            return FileChange{.path = path, .kind = Kind::Update, .unifiedDiff = unifiedDiff(before, after)};
        };
        if (touched.text && touched.added)
            changes.push_back({.path = path, .kind = Kind::Add, .content = *touched.text});
        else if (touched.text)
            changes.push_back(updated(*touched.text));
        if (!touched.movedTo.isEmpty() && touched.added) {
            changes.push_back({.path = touched.movedTo, .kind = Kind::Add, .content = touched.movedText});
        } else if (!touched.movedTo.isEmpty()) {
            changes.push_back(updated(touched.movedText));
            changes.back().movedTo = touched.movedTo;
        } else if (!touched.text && existed) {
            changes.push_back({.path = path, .kind = Kind::Delete, .content = before});
        }
    }
    std::ranges::stable_sort(changes, {}, &FileChange::path);
    return changes;
}

PatchPlan Planning::finish()
{
    std::vector<FileChange> told = changes();
    return {std::move(m_edits), std::move(told),
            u"Success. Updated the following files:\n"_s + m_added + m_modified + m_deleted};
}

} // namespace

Result<PatchPlan> planPatch(const Patch &patch, const QString &cwd)
{
    Planning planning(cwd);
    for (const PatchHunk &hunk : patch.hunks) {
        if (const Result<> taken = planning.take(hunk); !taken)
            return std::unexpected(taken.error());
    }
    return planning.finish();
}

} // namespace nightshift::tools
