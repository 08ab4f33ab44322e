#include "compression.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include <QFile>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

QString compressedPath(const QString &path)
{
    return path.endsWith(".zst"_L1) ? path : path + u".zst"_s;
}

QString plainPath(const QString &path)
{
    return path.endsWith(".zst"_L1) ? path.chopped(4) : path;
}

Result<> decompressInPlace(const QString &plain, const Decompress &decompress)
{
    const QString packed = compressedPath(plain);
    if (!decompress)
        return fail(Error::Kind::Internal,
                    u"cannot decompress %1: the module nightshift-archive is missing"_s.arg(packed));
    const QString partial = plain + u".partial"_s;
    const Result<> done = decompress(packed, partial);
    if (!done) {
        QFile::remove(partial);
        return failAt(packed, done.error());
    }
    const FileDescriptor file(::open(QFile::encodeName(partial), O_RDONLY | O_CLOEXEC));
    // The compressed file goes only when the plain one is safe on the disk.
    if (!file || ::fchmod(file.get(), 0600) != 0 || ::fsync(file.get()) != 0 ||
        std::rename(QFile::encodeName(partial), QFile::encodeName(plain)) != 0)
        return systemError(u"write"_s, plain);
    QFile::remove(packed);
    return {};
}

} // namespace nightshift::store
