#include "tools/diskfiles.h"
#include "base/boundedfile.h"
#include <QDir>
#include <QFileInfo>
#include <QStringDecoder>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

constexpr int maxLinks = 40; // as Linux: of a whole path, or links to links would take forever

QString joined(const QString &folder, const QString &name)
{
    return folder.endsWith(u'/') ? folder + name : folder + u'/' + name;
}

QString real(const QString &path, int &links);

QString parentResolved(const QString &path, int &links)
{
    const qsizetype slash = path.lastIndexOf(u'/');
    if (slash < 0 || path.size() == 1)
        return path;
    return joined(slash == 0 ? u"/"_s : real(path.first(slash), links), path.sliced(slash + 1));
}

QString real(const QString &path, int &links)
{
    const QString place = parentResolved(path, links);
    const QFileInfo info(place);
    if (links == 0 || !info.isSymLink())
        return place;
    --links;
    const QString target = info.readSymLink();
    const QString absolute =
        target.startsWith(u'/') ? target : joined(place.first(place.lastIndexOf(u'/') + 1), target);
    return real(QDir::cleanPath(absolute), links);
}

} // namespace

Result<QByteArray> readFile(const QString &path)
{
    return readBounded(path, fileuse::patchedText);
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
    int links = maxLinks;
    return parentResolved(path, links);
}

QString realPath(const QString &path)
{
    int links = maxLinks;
    return real(path, links);
}

} // namespace nightshift::tools
