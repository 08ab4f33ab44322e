#include "artifacts.h"
#include "base/boundedfile.h"
#include "store/bundlemanifest.h"
#include <QDir>
#include <QDirIterator>

using namespace Qt::StringLiterals;

namespace nightshift::store {

Artifacts::Artifacts(const QString &stateDir, const QString &id)
    : m_folder(stateDir + u"/artifacts/"_s + id.toLower())
{}

QStringList Artifacts::declaredFiles() const
{
    QStringList files;
    QDirIterator found(m_folder + u"/files"_s, QDir::Files | QDir::Hidden | QDir::NoSymLinks,
                       QDirIterator::Subdirectories);
    while (found.hasNext())
        files += found.next().sliced(m_folder.size() + 1);
    files.sort();
    return files;
}

QString Artifacts::path(const QString &name) const
{
    const QFileInfo file(m_folder + u'/' + name);
    return file.isFile() && !file.isSymLink() ? file.filePath() : QString();
}

std::optional<RawJson> Artifacts::importedFrom() const
{
    const auto text = readBounded(m_folder + u"/"_s + QLatin1StringView(manifestName), fileuse::record);
    if (!text)
        return {};
    const auto manifest = readManifest(*text);
    if (!manifest)
        return {};
    return json::object(
        {{"bundle_created", manifest->created}, {"tool_version", manifest->toolVersion}, {"cwd", manifest->cwd}});
}

void Artifacts::forget() const
{
    QDir(m_folder).removeRecursively();
}

} // namespace nightshift::store
