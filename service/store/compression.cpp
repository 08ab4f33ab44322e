#include "compression.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include "store/module.h"
#include "store/record.h"
#include <QFile>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

Decompress fromModule(const QString &modulePath, const char *symbol)
{
    return [modulePath, symbol](const QString &from, const QString &to) -> Result<> {
        const auto found = moduleFunction<CompressionFunction>(modulePath, symbol);
        if (!found)
            return std::unexpected(found.error());
        Result<> outcome;
        (*found)(from, to, outcome);
        return outcome;
    };
}

QString compressedPath(const QString &path)
{
    return path.endsWith(".zst"_L1) ? path : path + u".zst"_s;
}

QString plainPath(const QString &path)
{
    return path.endsWith(".zst"_L1) ? path.chopped(4) : path;
}

static bool beginsAsALog(const QString &path)
{
    QFile file(path);
    const QByteArray line = file.open(QIODevice::ReadOnly) ? file.readLine() : QByteArray();
    const std::optional<Record> record = wholeRecord(line);
    return record && record->type == "session_meta";
}

Result<> decompressInPlace(const QString &plain, const Decompress &decompress)
{
    const QString packed = compressedPath(plain);
    if (!decompress)
        return fail(Error::Kind::Internal,
                    u"cannot decompress %1: the module nightshift-archive is missing"_s.arg(packed));
    const QString partial = plain + u".partial"_s;
    Result<> done = decompress(packed, partial);
    if (done && !beginsAsALog(partial)) // most files have no checksum
        done = fail(Error::Kind::Invalid, u"%1 is damaged or cut short"_s.arg(packed));
    if (!done) {
        QFile::remove(partial);
        return done;
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
