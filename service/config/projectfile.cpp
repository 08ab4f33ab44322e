#include "config/projectfile.h"
#include "config/log.h"
#include <QDir>
#include <QFileInfo>
#include <QSet>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

bool isWithin(const QString &path, const QString &folder)
{
    return path == folder || folder == "/"_L1 || path.startsWith(folder + u'/');
}

std::unexpected<Error> linkOut()
{
    return fail(Error::Kind::Denied, u"a link leads out of the project, which is not trusted"_s);
}

} // namespace

QString fenceOf(const QString &projectRoot, bool isTrusted)
{
    return isTrusted || projectRoot.isEmpty() ? QString() : QFileInfo(projectRoot).canonicalFilePath();
}

QString fenceOf(const Settings &settings)
{
    return fenceOf(settings.projectRoot, settings.trustedProject);
}

bool leadsOut(const QString &path, const QString &fence)
{
    const QString real = fence.isEmpty() ? QString() : QFileInfo(path).canonicalFilePath();
    return !real.isEmpty() && !isWithin(real, fence);
}

Result<QByteArray> readFenced(const QString &path, const QString &fence, const FileUse &use)
{
    if (fence.isEmpty())
        return readBounded(path, use);
    const QString real = QFileInfo(path).canonicalFilePath();
    if (real.isEmpty())
        return fail(Error::Kind::NotFound, u"No such file or directory"_s);
    if (!isWithin(real, fence))
        return linkOut();
    const QString relative = QDir(fence).relativeFilePath(real);
    return readBoundedBelow(fence, QFile::encodeName(relative), use);
}

void warnUnread(const QString &path, const QString &reason)
{
    static thread_local QSet<QString> said;
    if (said.contains(path) || said.size() > 1000)
        return;
    said.insert(path);
    qCWarning(configLog).noquote() << path + u" is not read: "_s + reason;
}

void warnOfLink(const QString &path, const QString &fence)
{
    warnUnread(
        path,
        u"a link leads out of the project %1, which is not trusted. Run once with --trust to follow it"_s.arg(fence));
}

} // namespace nightshift::config
