#include "artifacts.h"
#include "base/boundedfile.h"
#include "store/bundlemanifest.h"
#include <QDir>
#include <QDirIterator>
#include <QFileInfo>
#include <limits>

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

std::optional<Artifacts::Origin> Artifacts::origin() const
{
    const QString path = m_folder + u"/"_s + QLatin1StringView(manifestName);
    if (!QFileInfo::exists(path))
        return {};
    const auto manifest =
        readBounded(path, fileuse::record).and_then([](const QByteArray &text) { return readManifest(text); });
    if (!manifest) // nobody knows which part of the log is ours, so none is
        return Origin{json::object({{"bundle_created", ""}, {"tool_version", ""}, {"cwd", ""}}),
                      std::numeric_limits<qint64>::max()};
    const UnpackedFile *log = manifest->file(QLatin1StringView(logName));
    return Origin{
        json::object(
            {{"bundle_created", manifest->created}, {"tool_version", manifest->toolVersion}, {"cwd", manifest->cwd}}),
        log ? log->size : std::numeric_limits<qint64>::max()};
}

void Artifacts::forget() const
{
    QDir(m_folder).removeRecursively();
}

} // namespace nightshift::store
