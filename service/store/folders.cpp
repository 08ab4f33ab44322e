#include "folders.h"
#include <QFile>
#include <cerrno>
#include <cstring>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

std::unexpected<Error> systemError(const QString &what, const QString &path)
{
    const int code = errno;
    const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
    const Error::Kind kind = full                                               ? Error::Kind::DiskFull
                             : code == ENOENT                                   ? Error::Kind::NotFound
                             : code == EACCES || code == EPERM || code == EROFS ? Error::Kind::Denied
                                                                                : Error::Kind::Internal;
    return fail(kind, u"cannot %1 %2: %3"_s.arg(what, path, QString::fromLocal8Bit(std::strerror(code))));
}

Result<> makePrivateFolder(const QString &path)
{
    if (::mkdir(QFile::encodeName(path), 0700) == 0 || errno == EEXIST)
        return {};
    if (errno != ENOENT || path.count(u'/') < 2)
        return systemError(u"create the folder"_s, path);
    if (const Result<> above = makePrivateFolder(path.section(u'/', 0, -2)); !above)
        return above;
    if (::mkdir(QFile::encodeName(path), 0700) == 0 || errno == EEXIST)
        return {};
    return systemError(u"create the folder"_s, path);
}

} // namespace nightshift::store
