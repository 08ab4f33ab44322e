#include "gitstate.h"
#include "base/boundedfile.h"
#include "config/sightings.h"
#include <QDir>
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

QString content(const QString &path)
{
    config::noteSight(path);
    return QString::fromUtf8(readBounded(path, fileuse::gitState).value_or(QByteArray()));
}

/// SHA-1 or SHA-256 in hexadecimal; anything else is no commit, but what a link made of some other file.
QString hashOrNothing(const QString &text)
{
    const bool isHex =
        std::ranges::all_of(text, [](QChar c) { return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f'); });
    return isHex && (text.size() == 40 || text.size() == 64) ? text : QString();
}

/// A ref is a path below the repository's folder. Source: git-check-ref-format(1)
bool isPlainRef(const QString &ref)
{
    constexpr qsizetype longest = 4096;
    return ref.size() <= longest && !ref.startsWith(u'/') && !ref.contains(".."_L1) &&
           std::ranges::none_of(ref, [](QChar c) { return c <= u' ' || c == u'\x7f'; });
}

QString packedRef(const QString &packed, const QString &ref)
{
    for (const QStringView line : QStringView(packed).tokenize(u'\n')) {
        if (line.endsWith(u' ' + ref))
            return line.first(line.indexOf(u' ')).toString();
    }
    return {};
}

} // namespace

QString repositoryRoot(const QString &folder)
{
    for (QString path = folder;;) {
        config::noteSight(path + u"/.git"_s);
        if (QFile::exists(path + u"/.git"_s))
            return path.isEmpty() ? u"/"_s : path;
        if (path.isEmpty() || path == u"/")
            return {};
        path.truncate(path.lastIndexOf(u'/'));
    }
}

std::optional<store::GitState> gitState(const QString &folder)
{
    const QString root = repositoryRoot(folder);
    if (root.isEmpty())
        return {};
    QString git = root + u"/.git"_s;
    if (const QString link = content(git).trimmed(); link.startsWith("gitdir: "_L1)) // a worktree's .git is a file
        git = QDir(root).absoluteFilePath(link.sliced(8));
    const QString common = content(git + u"/commondir"_s).trimmed();
    const QString shared = common.isEmpty() ? git : QDir(git).absoluteFilePath(common);

    const QString head = content(git + u"/HEAD"_s).trimmed();
    if (!head.startsWith("ref: "_L1))
        return store::GitState{.commitHash = hashOrNothing(head)};
    const QString ref = head.sliced(5);
    if (!isPlainRef(ref))
        return store::GitState{};
    QString commit = hashOrNothing(content(shared + u'/' + ref).trimmed());
    if (commit.isEmpty())
        commit = hashOrNothing(packedRef(content(shared + u"/packed-refs"_s), ref));
    return store::GitState{.commitHash = commit, .branch = ref.section(u'/', 2)};
}

} // namespace nightshift::engine
