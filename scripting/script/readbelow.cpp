#include "script/readbelow.h"
#include "base/boundedfile.h"
#include <QFile>
#include <QFileInfo>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::script {

QStringList canonical(const QStringList &folders)
{
    QStringList real;
    for (const QString &folder : folders)
        real += QFileInfo(folder).canonicalFilePath();
    real.removeAll(QString());
    return real;
}

bool isBelowAny(const QString &path, const QStringList &folders)
{
    return std::ranges::any_of(folders, [&path](const QString &folder) {
        return path == folder || folder == "/"_L1 || path.startsWith(folder + u'/');
    });
}

Result<QByteArray> readBelow(const QString &path, const QStringList &folders, const QString &name)
{
    auto opened = openBounded(path, fileuse::scriptData);
    if (!opened)
        return failAt(name, opened.error());
    if (!isBelowAny(QFile::symLinkTarget(u"/proc/self/fd/%1"_s.arg(opened->get())), folders))
        return fail(Error::Kind::Denied,
                    u"%1 lies outside of the script's folder: allow it with --allow-read DIR"_s.arg(name));
    QFile file;
    if (!file.open(opened->get(), QIODevice::ReadOnly))
        return fail(Error::Kind::NotFound, u"%1: %2"_s.arg(name, file.errorString()));
    const QByteArray bytes = file.read(fileuse::scriptData.mostBytes + 1);
    if (bytes.size() > fileuse::scriptData.mostBytes) // it has grown since
        return fail(Error::Kind::Denied,
                    u"%1: it has more than %2 bytes"_s.arg(name).arg(fileuse::scriptData.mostBytes));
    return bytes;
}

} // namespace nightshift::script
