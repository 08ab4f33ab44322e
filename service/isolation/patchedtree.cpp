#include "patchedtree.h"
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <set>

using namespace Qt::StringLiterals;

namespace nightshift::isolation {

namespace {

/// The paths that a patch reads or writes.
Result<std::set<QByteArray>> pathsOf(const Git &git, const QByteArray &patch)
{
    std::set<QByteArray> paths;
    for (const QStringList &way : {QStringList{}, QStringList{u"--reverse"_s}}) { // of a rename each tells one end
        const auto told = git.run(QStringList{u"apply"_s, u"--numstat"_s, u"-z"_s} + way, patch);
        if (!told)
            return std::unexpected(told.error());
        for (const QByteArray &line : told->split('\0')) { // added TAB removed TAB path
            if (const qsizetype path = line.indexOf('\t', line.indexOf('\t') + 1) + 1; path > 0)
                paths.insert(line.sliced(path));
        }
    }
    return paths;
}

bool isSubmodule(const QByteArray &place)
{
    return isFolder(place) && QFileInfo::exists(QFile::decodeName(place) + "/.git"_L1);
}

/// Whatever the settings say: what the real files have is kept.
QStringList withModes(const QStringList &words)
{
    return QStringList{u"-c"_s, u"core.fileMode=true"_s} + words;
}

/// As they are now, in Git's index: filters have their say.
Result<> index(const Git &git, const std::set<QByteArray> &paths)
{
    const QByteArray tree = QFile::encodeName(git.tree());
    QByteArray present;
    for (const QByteArray &path : paths) {
        const auto entry = readEntry(tree, path);
        if (!entry)
            return std::unexpected(entry.error());
        if (entry->exists() || isSubmodule(tree + '/' + path))
            present += path + '\0';
    }
    return git.run(withModes({u"update-index"_s, u"--add"_s, u"--remove"_s, u"-z"_s, u"--stdin"_s}), present)
        .transform([](const auto &) {});
}

} // namespace

Result<PatchedTree> patchedTree(const Git &git, const QByteArray &patch)
{
    const auto paths = pathsOf(git, patch);
    if (!paths)
        return std::unexpected(paths.error());
    if (const auto indexed = index(git, *paths); !indexed)
        return std::unexpected(indexed.error());
    const QString out = git.scratch() + "/out"_L1;
    const auto applied = git.run(withModes({u"apply"_s, u"--cached"_s, u"--whitespace=nowarn"_s}), patch);
    if (!applied)
        return std::unexpected(applied.error());
    const auto written = git.run({u"checkout-index"_s, u"--all"_s, "--prefix="_L1 + out + u'/'});
    if (!written)
        return std::unexpected(written.error());
    const QByteArray tree = QFile::encodeName(git.tree());
    PatchedTree patched{.changes = {}, .model = QFile::encodeName(out)};
    for (const QByteArray &path : *paths) {
        auto before = readEntry(tree, path), after = readEntry(patched.model, path);
        if (!before || !after)
            return std::unexpected(before ? after.error() : before.error());
        if (*before != *after)
            patched.changes.push_back({path, std::move(*before), std::move(*after)});
    }
    return patched;
}

} // namespace nightshift::isolation
