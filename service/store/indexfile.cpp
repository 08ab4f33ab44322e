#include "indexfile.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include "store/jsonspan.h"
#include "store/latestids.h"
#include "store/linewalk.h"
#include "store/mappedfile.h"
#include <QFile>
#include <cstdio>
#include <fcntl.h>
#include <ranges>
#include <sys/file.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

namespace {

/// Opens the file that has the name, and goes on having it while the lock is held; one that was replaced meanwhile
/// has lost it.
FileDescriptor openLocked(const QByteArray &path, int flags, int lock)
{
    while (true) {
        FileDescriptor file(::open(path.constData(), flags | O_NONBLOCK | O_CLOEXEC, 0600));
        struct stat opened{}, named{};
        if (!file || ::fstat(file.get(), &opened) != 0 || !S_ISREG(opened.st_mode) || ::flock(file.get(), lock) != 0)
            return {};
        if (::stat(path.constData(), &named) == 0 && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev)
            return file;
    }
}

bool writeWhole(int fd, QByteArrayView bytes)
{
    return ::write(fd, bytes.data(), size_t(bytes.size())) == bytes.size();
}

/// The rows that count, in their order; empty when they are more than half of all.
QByteArray livingRows(QByteArrayView text)
{
    constexpr qsizetype rowBytes = 250; // about; only how much memory is reserved depends on it
    LatestIds seen(size_t(text.size() / rowBytes));
    std::vector<QByteArrayView> living;
    size_t rows = 0;
    BackwardLines lines(text);
    while (const std::optional<QByteArrayView> line = lines.next()) {
        ++rows;
        const QByteArrayView id = rowId(*line);
        if (!id.isEmpty() && seen.insert(id) && !bareString(memberText(*line, "path")).isEmpty())
            living.push_back(*line);
    }
    QByteArray kept;
    if (2 * living.size() >= rows)
        return kept;
    for (const QByteArrayView line : std::views::reverse(living)) {
        kept += line;
        kept += '\n';
    }
    return kept.isNull() ? ""_ba : kept;
}

} // namespace

QByteArrayView rowId(QByteArrayView row)
{
    // Our own writing puts the id first; no other row need be looked through for it.
    constexpr QByteArrayView begin = "{\"id\":\"";
    constexpr qsizetype length = 36;
    const qsizetype end = begin.size() + length;
    if (row.size() > end && row.startsWith(begin) && row[end] == '"')
        return row.sliced(begin.size(), length);
    return bareString(memberText(row, "id"));
}

Result<> IndexFile::append(QByteArrayView rows, Missing missing) const
{
    qint64 size = 0;
    {
        const FileDescriptor file =
            openLocked(m_path, O_WRONLY | O_APPEND | (missing == Missing::IsMade ? O_CREAT : 0), LOCK_SH);
        // In one piece: whoever else appends at the same time does not come between.
        if (!file || !writeWhole(file.get(), rows))
            return systemError(u"append to the session index"_s, QFile::decodeName(m_path));
        size = ::lseek(file.get(), 0, SEEK_CUR);
    }
    return size / m_step == (size - rows.size()) / m_step ? Result<>() : compact();
}

Result<> IndexFile::compact() const
{
    const FileDescriptor file = openLocked(m_path, O_RDONLY, LOCK_EX);
    const auto old = file ? MappedFile::open(QFile::decodeName(m_path)) : nullptr;
    if (!old)
        return {}; // deleted meanwhile
    const QByteArray kept = livingRows((*old)->text());
    if (kept.isNull())
        return {};
    const QByteArray fresh = m_path + ".new"; // what a kill has left of an earlier one is written over
    const FileDescriptor made(::open(fresh.constData(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!made || !writeWhole(made.get(), kept) || ::fdatasync(made.get()) != 0 ||
        std::rename(fresh.constData(), m_path.constData()) != 0)
        return systemError(u"write the session index anew"_s, QFile::decodeName(fresh));
    return {};
}

} // namespace nightshift::store
