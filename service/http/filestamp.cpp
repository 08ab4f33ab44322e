#include "filestamp.h"
#include <QFile>
#include <sys/stat.h>

namespace nightshift::http {

FileStamp stampOf(const QString &path)
{
    struct stat status = {};
    if (path.isEmpty() || ::stat(QFile::encodeName(path).constData(), &status) != 0)
        return {};
    return {qint64(status.st_ino), status.st_size, status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec};
}

} // namespace nightshift::http
