#include "batchfiles.h"
#include "base/boundedfile.h"
#include "base/ids.h"
#include "batch/keptbatch.h"
#include "batch/outputs.h"
#include "store/folders.h"
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::api {

BatchFiles::BatchFiles(const QString &serviceFolder, const QString &stateFolder)
    : m_folder(serviceFolder + u"/batches"_s)
    , m_pointers(stateFolder + u"/batches"_s)
{}

QStringList BatchFiles::ids() const
{
    QStringList ids;
    for (const QString &name : QDir(m_pointers).entryList(QDir::Files)) {
        if (isUuid(name))
            ids += name;
    }
    std::ranges::sort(ids, std::greater<>());
    return ids;
}

std::optional<QString> BatchFiles::folderOf(const QString &id) const
{
    if (!isUuid(id))
        return {};
    const auto folder = readBounded(m_pointers + u'/' + id, fileuse::record);
    return folder ? std::optional(QString::fromUtf8(*folder).trimmed()) : std::nullopt;
}

QStringList BatchFiles::changedSince(const QDateTime &time) const
{
    QStringList ids;
    for (const QFileInfo &info : QDir(m_folder).entryInfoList({u"*.jsonl"_s}, QDir::Files)) {
        if (info.lastModified() >= time)
            ids += info.completeBaseName();
    }
    return ids;
}

Result<QString> BatchFiles::keep(const QString &id, const batch::BatchSpec &spec) const
{
    const QString out = file(id);
    for (const QString &folder : {m_folder, out, out + u"/.nightshift"_s, m_pointers}) {
        if (const auto made = store::makePrivateFolder(folder); !made)
            return std::unexpected(made.error());
    }
    std::vector<std::pair<QString, QByteArray>> files{{batch::specPath(out), toJson(spec).text + '\n'}};
    if (spec.isScript())
        files.emplace_back(out + u"/.nightshift/script.ts"_s, spec.script.toUtf8());
    files.emplace_back(m_pointers + u'/' + id, out.toUtf8() + '\n');
    for (const auto &[path, bytes] : files) {
        if (const auto written = batch::writeWhole(path, bytes); !written)
            return std::unexpected(written.error());
    }
    return out;
}

Result<> BatchFiles::mark(const Mark &mark) const
{
    QFile file(marker(mark.id));
    const QByteArray text = mark.out.toUtf8() + '\n' + QByteArray::number(mark.pid);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        return fail(Error::Kind::Internal, u"cannot write %1: %2"_s.arg(file.fileName(), file.errorString()));
    return {};
}

bool BatchFiles::isMarked(const QString &id) const
{
    return QFile::exists(marker(id));
}

void BatchFiles::unmark(const QString &id) const
{
    QFile::remove(marker(id));
}

std::vector<BatchFiles::Mark> BatchFiles::marks() const
{
    std::vector<Mark> marks;
    for (const QString &name : QDir(m_folder).entryList({u"running-*"_s}, QDir::Files)) {
        const auto text = readBounded(file(name), fileuse::record);
        const QStringList lines = text ? QString::fromUtf8(*text).split(u'\n') : QStringList();
        marks.push_back({name.sliced(8), lines.value(0), lines.value(1).toLongLong()});
    }
    return marks;
}

} // namespace nightshift::api
