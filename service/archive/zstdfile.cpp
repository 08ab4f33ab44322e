#include "zstdfile.h"
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
    KCompressionDevice packed(from, KCompressionDevice::Zstd);
    QFile plain(to);
    const Result<> copied = copy(packed, from, plain, to);
    if (copied && plain.error() != QFile::NoError)
        return fail(Error::Kind::DiskFull, u"cannot write %1: %2"_s.arg(to, plain.errorString()));
    return copied;
}

} // namespace nightshift::archive
