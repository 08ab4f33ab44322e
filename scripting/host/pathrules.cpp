#include "host/pathrules.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::host {

namespace {

bool isBelow(const QString &path, const QString &folder)
{
    const QString canonical = QFileInfo(folder).canonicalFilePath();
    return !canonical.isEmpty() &&
           (path == canonical || path.startsWith(canonical == u"/"_s ? canonical : canonical + u'/'));
}

/// Without symbolic links, also of a file that is not there yet.
QString realPath(const QString &path)
{
    const QFileInfo file(path);
    if (file.exists())
        return file.canonicalFilePath();
    const QString parent = file.path();
    return parent == path ? path : realPath(parent) + u'/' + file.fileName();
}

} // namespace

Result<QString> PathRules::input(const QString &path) const
{
    const QString absolute = QDir::cleanPath(QDir(folder).absoluteFilePath(path)), real = realPath(absolute);
    for (const QString &allowed : QStringList{folder, out} + readable) {
        if (isBelow(real, allowed))
            return absolute;
    }
    return fail(Error::Kind::Denied,
                u"%1 lies outside of the script's folder: allow it with --allow-read DIR"_s.arg(path));
}

Result<QString> PathRules::output(const QString &path) const
{
    const QString absolute = QDir::cleanPath(QDir(out).absoluteFilePath(path));
    if (!absolute.startsWith(out + u'/'))
        return fail(Error::Kind::Denied, u"%1 lies outside of %2, where outputs go (--out)"_s.arg(path, out));
    QDir().mkpath(QFileInfo(absolute).path());
    if (!isBelow(realPath(absolute), out))
        return fail(Error::Kind::Denied, u"%1 leads outside of %2, where outputs go (--out)"_s.arg(path, out));
    return absolute;
}

} // namespace nightshift::host
