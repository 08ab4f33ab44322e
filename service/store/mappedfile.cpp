#include "mappedfile.h"
#include "base/boundedfile.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include <QFile>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

/// Decompressed into memory: a reader leaves the file as it is.
static Result<FileDescriptor> unpacked(const QString &path, const Decompress &decompress)
{
    if (!decompress)
        return fail(Error::Kind::Internal,
                    u"cannot decompress %1: the module nightshift-archive is missing"_s.arg(path));
    FileDescriptor memory(::memfd_create("rollout", MFD_CLOEXEC));
    if (!memory)
        return systemError(u"decompress"_s, path);
    if (const Result<> done = decompress(path, u"/proc/self/fd/%1"_s.arg(memory.get())); !done)
        return std::unexpected(done.error());
    return memory;
}

static Result<FileDescriptor> opened(const QString &path, const Decompress &decompress)
{
    const QString plain = plainPath(path);
    auto file = openBounded(plain, fileuse::sessionLog);
    if (file)
        return file;
    const bool isMissing = file.error().kind == Error::Kind::NotFound;
    if (const QString packed = compressedPath(plain); isMissing && QFile::exists(packed))
        return unpacked(packed, decompress);
    return failAt(u"cannot open the session log "_s + plain, file.error());
}

Result<std::shared_ptr<MappedFile>> MappedFile::open(const QString &path, const Decompress &decompress)
{
    const Result<FileDescriptor> file = opened(path, decompress);
    if (!file)
        return std::unexpected(file.error());
    struct stat status{};
    if (::fstat(file->get(), &status) != 0)
        return systemError(u"read the session log"_s, path);
    if (status.st_size == 0)
        return std::make_shared<MappedFile>(nullptr, 0);
    void *bytes = ::mmap(nullptr, size_t(status.st_size), PROT_READ | PROT_WRITE, MAP_PRIVATE, file->get(), 0);
    if (bytes == MAP_FAILED)
        return systemError(u"map the session log"_s, path);
    return std::make_shared<MappedFile>(static_cast<char *>(bytes), status.st_size);
}

MappedFile::~MappedFile()
{
    if (m_bytes)
        ::munmap(m_bytes, size_t(m_size));
}

} // namespace nightshift::store
