#include "archivereader.h"
#include "archive/tarreader.h"
#include "archive/zipreader.h"
#include "base/boundedfile.h"
#include <KCompressionDevice>
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::archive {

Result<std::unique_ptr<ArchiveReader>> openArchive(const QString &path)
{
    auto opened = openBounded(path, fileuse::bundle);
    if (!opened)
        return failAt(u"cannot open "_s + path, opened.error());
    auto file = std::make_unique<QFile>(path);
    if (!file->open(opened->release(), QIODevice::ReadOnly, QFile::AutoCloseHandle))
        return fail(Error::Kind::NotFound, u"cannot open %1: %2"_s.arg(path, file->errorString()));
    const QByteArray magic = file->peek(4);
    if (magic.startsWith("PK")) {
        auto reader = std::make_unique<ZipReader>(std::move(file));
        if (const Result<> listed = reader->readDirectory(); !listed)
            return std::unexpected(listed.error());
        return reader;
    }
    if (!magic.startsWith("\x1f\x8b"))
        return fail(Error::Kind::Invalid, u"this is neither a tar.gz nor a zip"_s);
    auto unpacked = std::make_unique<KCompressionDevice>(file.release(), true, KCompressionDevice::GZip);
    if (!unpacked->open(QIODevice::ReadOnly))
        return damaged(u"it cannot be unpacked"_s);
    return std::make_unique<TarReader>(std::move(unpacked));
}

std::unexpected<Error> damaged(const QString &what)
{
    return fail(Error::Kind::Invalid, u"the archive is damaged: "_s + what);
}

std::unexpected<Error> refusedKind(const QByteArray &name, const QString &kind)
{
    return fail(Error::Kind::Invalid,
                u"%1 is %2, where a bundle has only files and folders"_s.arg(QString::fromUtf8(name), kind));
}

} // namespace nightshift::archive
