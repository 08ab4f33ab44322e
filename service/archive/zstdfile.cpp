#include "zstdfile.h"
#include "base/boundedfile.h"
#include <KCompressionDevice>
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::archive {

static Result<> copy(QIODevice &from, const QString &fromPath, QIODevice &to, const QString &toPath)
{
    if (!from.open(QIODevice::ReadOnly))
        return fail(Error::Kind::NotFound, u"cannot open %1: %2"_s.arg(fromPath, from.errorString()));
    if (!to.open(QIODevice::WriteOnly))
        return fail(Error::Kind::Denied, u"cannot open %1: %2"_s.arg(toPath, to.errorString()));
    QByteArray piece(1 << 18, Qt::Uninitialized);
    qint64 length = 0;
    while ((length = from.read(piece.data(), piece.size())) > 0) {
        if (to.write(piece.constData(), length) != length)
            return fail(Error::Kind::DiskFull, u"cannot write %1: %2"_s.arg(toPath, to.errorString()));
    }
    // KCompressionDevice takes damage, and a cut file, for an early end; only a whole stream reaches its own.
    if (length < 0 || !from.atEnd())
        return fail(Error::Kind::Invalid, u"%1 is damaged or cut short"_s.arg(fromPath));
    from.close();
    to.close();
    return {};
}

Result<> compress(const QString &from, const QString &to)
{
    QFile plain(from);
    KCompressionDevice packed(to, KCompressionDevice::Zstd);
    return copy(plain, from, packed, to);
}

Result<> decompress(const QString &from, const QString &to)
{
    auto opened = openBounded(from, fileuse::sessionLog);
    if (!opened)
        return failAt(u"cannot open "_s + from, opened.error());
    auto file = std::make_unique<QFile>(from);
    if (!file->open(opened->release(), QIODevice::ReadOnly, QFile::AutoCloseHandle))
        return fail(Error::Kind::NotFound, u"cannot open %1: %2"_s.arg(from, file->errorString()));
    KCompressionDevice packed(file.release(), true, KCompressionDevice::Zstd);
    QFile plain(to);
    const Result<> copied = copy(packed, from, plain, to);
    if (copied && plain.error() != QFile::NoError)
        return fail(Error::Kind::DiskFull, u"cannot write %1: %2"_s.arg(to, plain.errorString()));
    return copied;
}

} // namespace nightshift::archive
