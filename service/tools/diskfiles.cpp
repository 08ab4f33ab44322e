#include "tools/diskfiles.h"
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStringDecoder>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

constexpr qint64 maxFileBytes = 64 << 20; // a model edits text; more would only stall everything else
constexpr int maxLinks = 40;              // as Linux

QString joined(const QString &folder, const QString &name)
{
    return folder.endsWith(u'/') ? folder + name : folder + u'/' + name;
}

QString real(const QString &path, int links);

QString parentResolved(const QString &path, int links)
{
    const qsizetype slash = path.lastIndexOf(u'/');
    if (slash < 0 || path.size() == 1)
        return path;
    return joined(slash == 0 ? u"/"_s : real(path.first(slash), links), path.sliced(slash + 1));
}

QString real(const QString &path, int links)
{
    const QString place = parentResolved(path, links);
    const QFileInfo info(place);
    if (links == 0 || !info.isSymLink())
        return place;
    const QString target = info.readSymLink();
    const QString absolute =
        target.startsWith(u'/') ? target : joined(place.first(place.lastIndexOf(u'/') + 1), target);
    return real(QDir::cleanPath(absolute), links - 1);
}

} // namespace

Result<QByteArray> readFile(const QString &path)
{
    const QFileInfo info(path);
    if (info.exists() && !info.isFile())
        return fail(Error::Kind::Invalid, u"path `%1` is not a file"_s.arg(path));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(info.exists() ? Error::Kind::Denied : Error::Kind::NotFound, file.errorString());
    if (file.size() > maxFileBytes)
        return fail(Error::Kind::Invalid, u"the file is larger than 64 MiB"_s);
    return file.readAll();
}

Result<QString> decodeText(const QByteArray &bytes)
{
    if (bytes.isValidUtf8()) {
        QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom);
        return QString(decoder.decode(bytes));
    }
    qsizetype line = 1;
    QByteArrayView rest(bytes);
    for (; !rest.isEmpty(); ++line) {
        const qsizetype end = rest.indexOf('\n') + 1;
        if (!rest.first(end ? end : rest.size()).isValidUtf8())
            break;
        rest = rest.sliced(end);
    }
    return fail(Error::Kind::Invalid, u"invalid utf-8 sequence in line %1; only UTF-8 text can be updated"_s.arg(line));
}

QString absolutePath(const QString &path, const QString &cwd)
{
    return QDir::cleanPath(path.startsWith(u'/') ? path : cwd + u'/' + path);
}

QString realParent(const QString &path)
{
    return parentResolved(path, maxLinks);
}

QString realPath(const QString &path)
{
    return real(path, maxLinks);
}

} // namespace nightshift::tools
