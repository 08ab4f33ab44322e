#include "unpack.h"
#include "archive/archivereader.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include <QCryptographicHash>
#include <QFile>
#include <QSet>
#include <QStringDecoder>
#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::archive {

namespace {

constexpr qsizetype nameBytes = 1024; // of a whole path; file systems end at 255 for each of its parts
constexpr qsizetype partBytes = 255;

std::unexpected<Error> refused(const QString &why)
{
    return fail(Error::Kind::Invalid, why);
}

/// The path below `bundle/` that an entry's name stands for; empty for that folder itself.
Result<QString> checkedName(const QByteArray &name)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(name);
    const bool isText =
        !decoder.hasError() && !std::ranges::any_of(text, [](QChar c) { return c < u' ' || c == u'\x7f'; });
    if (!isText || name.size() > nameBytes)
        return refused(u"an entry's name is no readable path"_s);
    if (text.startsWith(u'/') || text.contains(u'\\'))
        return refused(u"%1 is an absolute or foreign path"_s.arg(text));
    const QStringList parts = text.split(u'/');
    for (const QString &part : parts) {
        if (part.isEmpty() || part == "."_L1 || part == ".."_L1 || part.toUtf8().size() > partBytes)
            return refused(u"%1 is not a plain path"_s.arg(text));
    }
    if (parts.first() != "bundle"_L1)
        return refused(u"%1 does not lie in the folder bundle"_s.arg(text));
    return text.mid(7);
}

class Unpacking
{
public:
    Unpacking(const QString &archive, const QString &folder, const store::UnpackLimits &limits)
        : m_folder(folder)
        , m_limits(limits)
        , m_packedBytes(QFile(archive).size())
    {}

    Result<> take(ArchiveReader &reader, const ArchiveEntry &entry);
    std::vector<store::UnpackedFile> files;

private:
    Result<> makeFolders(const QString &name);
    Result<> takeFile(ArchiveReader &reader, const QString &name);
    Result<> count(qint64 bytes);

    const QString m_folder;
    const store::UnpackLimits m_limits;
    const qint64 m_packedBytes;
    qint64 m_bytes = 0;
    int m_entries = 0;
    QSet<QString> m_names;
};

Result<> Unpacking::take(ArchiveReader &reader, const ArchiveEntry &entry)
{
    if (++m_entries > m_limits.entries)
        return refused(u"it has more than %1 entries"_s.arg(m_limits.entries));
    const Result<QString> name = checkedName(entry.name);
    if (!name)
        return std::unexpected(name.error());
    if (m_names.contains(*name))
        return refused(u"bundle/%1 is there twice"_s.arg(*name));
    m_names.insert(*name);
    if (entry.isFolder)
        return makeFolders(*name + u'/');
    if (name->isEmpty())
        return refused(u"bundle is no folder"_s);
    if (entry.size > m_limits.bytes - m_bytes)
        return refused(u"it holds more than %1 bytes"_s.arg(m_limits.bytes));
    if (const Result<> made = makeFolders(*name); !made)
        return made;
    return takeFile(reader, *name);
}

/// Those above `name`. One that is a file is refused here, for files and folders alike.
Result<> Unpacking::makeFolders(const QString &name)
{
    for (qsizetype at = name.indexOf(u'/'); at >= 0; at = name.indexOf(u'/', at + 1)) {
        const QByteArray path = QFile::encodeName(m_folder + u'/' + name.first(at));
        struct stat status{};
        if (::mkdir(path, 0700) != 0 && (::lstat(path, &status) != 0 || !S_ISDIR(status.st_mode)))
            return refused(u"bundle/%1 is a file and a folder"_s.arg(name.first(at)));
    }
    return {};
}

Result<> Unpacking::count(qint64 bytes)
{
    m_bytes += bytes;
    if (m_bytes > m_limits.bytes)
        return refused(u"it holds more than %1 bytes"_s.arg(m_limits.bytes));
    if (m_bytes > m_limits.harmlessBytes && m_bytes / m_limits.ratio > m_packedBytes)
        return refused(u"it holds more than %1 times its own size"_s.arg(m_limits.ratio));
    return {};
}

Result<> Unpacking::takeFile(ArchiveReader &reader, const QString &name)
{
    const QString path = m_folder + u'/' + name;
    const store::FileDescriptor file(
        ::open(QFile::encodeName(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file)
        return errno == EEXIST || errno == EISDIR ? refused(u"bundle/%1 is a file and a folder"_s.arg(name))
                                                  : Result<>(store::systemError(u"create"_s, path));
    QCryptographicHash hash(QCryptographicHash::Sha256);
    qint64 size = 0;
    while (true) {
        const Result<QByteArray> piece = reader.read();
        if (!piece)
            return std::unexpected(piece.error());
        if (piece->isEmpty())
            break;
        if (const Result<> counted = count(piece->size()); !counted)
            return counted;
        if (::write(file.get(), piece->data(), size_t(piece->size())) != piece->size())
            return store::systemError(u"write"_s, path);
        hash.addData(*piece);
        size += piece->size();
    }
    files.push_back({name, size, hash.result().toHex()});
    return {};
}

} // namespace

Result<std::vector<store::UnpackedFile>> unpack(const QString &archive, const QString &folder,
                                                const store::UnpackLimits &limits)
{
    auto reader = openArchive(archive);
    if (!reader)
        return std::unexpected(reader.error());
    Unpacking unpacking(archive, folder, limits);
    while (true) {
        const auto entry = (*reader)->next();
        if (!entry)
            return std::unexpected(entry.error());
        if (!*entry)
            return std::move(unpacking.files);
        if (const Result<> taken = unpacking.take(**reader, **entry); !taken)
            return std::unexpected(taken.error());
    }
}

} // namespace nightshift::archive
