#include "gitstate.h"
#include "config/sightings.h"
#include <QDir>
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

QString content(const QString &path)
{
    config::noteSight(path);
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
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
        return store::GitState{.commitHash = head};
    const QString ref = head.sliced(5);
    QString commit = content(shared + u'/' + ref).trimmed();
    if (commit.isEmpty())
        commit = packedRef(content(shared + u"/packed-refs"_s), ref);
    return store::GitState{.commitHash = commit, .branch = ref.section(u'/', 2)};
}

} // namespace nightshift::engine
