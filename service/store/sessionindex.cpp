#include "sessionindex.h"
#include "base/jsonreader.h"
#include "store/coordination.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include "store/jsonspan.h"
#include "store/linewalk.h"
#include "store/mappedfile.h"
#include <QFile>
#include <QHash>
#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <unordered_set>

using namespace Qt::StringLiterals;

namespace nightshift::store {

SessionIndex::SessionIndex(QString stateDir)
    : m_stateDir(std::move(stateDir))
{}

QString SessionIndex::path() const
{
    return m_stateDir + u"/nightshift_index.jsonl"_s;
}

static QByteArray written(const SessionRow &row)
{
    return json::object({{"id", row.id},
                         {"path", row.path},
                         {"updated", row.updated},
                         {"provider", row.provider},
                         {"cwd", row.cwd},
                         {"model", row.model},
                         {"title", row.title}})
               .text +
           '\n';
}

/// Rows are written whole, in one piece: whoever else appends at the same time does not come between.
static Result<> append(const QString &path, QByteArrayView rows, int flags)
{
    const FileDescriptor file(::open(QFile::encodeName(path), O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0600));
    if (!file || ::write(file.get(), rows.data(), size_t(rows.size())) != rows.size())
        return systemError(u"append to the session index"_s, path);
    return {};
}

Result<> SessionIndex::remember(const SessionRow &row) const
{
    const Result<> appended = append(path(), written(row), 0);
    return !appended && appended.error().kind == Error::Kind::NotFound ? Result<>() : appended;
}

/// A member's text; parsed only where it holds escapes.
static QString text(QByteArrayView value)
{
    if (!value.contains('\\'))
        return QString::fromUtf8(bareString(value));
    const auto read = JsonDocument::parse(value);
    return read ? read->root().toString() : QString();
}

static SessionRow rowFrom(QByteArrayView line)
{
    SessionRow row;
    MemberWalk members(line);
    while (members.next()) {
        const QByteArrayView name = members.name();
        if (name == "id")
            row.id = text(members.value());
        else if (name == "path")
            row.path = text(members.value());
        else if (name == "updated")
            row.updated = members.value().toLongLong();
        else if (name == "provider")
            row.provider = text(members.value());
        else if (name == "cwd")
            row.cwd = text(members.value());
        else if (name == "model")
            row.model = text(members.value());
        else if (name == "title")
            row.title = text(members.value());
    }
    return row;
}

/// About what a row takes; only how much memory is reserved depends on it.
constexpr qsizetype rowBytes = 250;

/// Whether a member's text is the one that writing `wanted` gives.
static bool fits(QByteArrayView line, const char *member, const std::optional<RawJson> &wanted)
{
    return !wanted || memberText(line, member) == wanted->text;
}

static std::optional<RawJson> asWritten(const std::optional<QString> &text)
{
    return text ? std::optional(json::string(QStringView(*text))) : std::nullopt;
}

std::vector<SessionRow> SessionIndex::rows(const Filter &filter) const
{
    std::vector<SessionRow> rows;
    const auto file = MappedFile::open(path());
    if (!file)
        return rows; // a cache that is not there
    const std::optional<RawJson> provider = asWritten(filter.provider), cwd = asWritten(filter.cwd);
    std::unordered_set<std::string_view> seen;
    seen.reserve(size_t((*file)->text().size() / rowBytes));
    BackwardLines lines((*file)->text());
    while (const std::optional<QByteArrayView> line = lines.next()) {
        const QByteArrayView id = bareString(memberText(*line, "id"));
        const bool latest = !id.isEmpty() && seen.insert({id.data(), size_t(id.size())}).second;
        if (latest && fits(*line, "provider", provider) && fits(*line, "cwd", cwd))
            rows.push_back(rowFrom(*line));
    }
    return rows;
}

Result<> SessionIndex::refresh(const Decompress &decompress) const
{
    const QString folder = m_stateDir + u"/thread-writer-locks"_s;
    if (const Result<> made = makePrivateFolder(folder); !made)
        return made;
    qint64 folderTime = 0;
    {
        const Coordination guard(folder);
        if (guard.isAccountedFor() && QFile::exists(path()))
            return {};
        folderTime = guard.folderTime();
    }
    if (const Result<> looked = lookAtLogs(decompress); !looked)
        return looked;
    Coordination(folder).accountFor(folderTime);
    return {};
}

Result<> SessionIndex::rebuild(const Decompress &decompress) const
{
    QFile::remove(path());
    return lookAtLogs(decompress);
}

/// When the log was last written to, in milliseconds since 1970; 0 when it is gone.
static qint64 modified(const QString &plain)
{
    struct stat status{};
    if (::stat(QFile::encodeName(plain), &status) != 0 &&
        ::stat(QFile::encodeName(compressedPath(plain)), &status) != 0)
        return 0;
    return qint64(status.st_mtim.tv_sec) * 1000 + status.st_mtim.tv_nsec / 1'000'000;
}

/// A turn of ours writes its row a little before its last lines.
constexpr qint64 tolerance = 2000;

Result<> SessionIndex::lookAtLogs(const Decompress &decompress) const
{
    QHash<QString, qint64> known;
    for (const SessionRow &row : rows())
        known.insert(row.id, row.updated);
    QByteArray added;
    for (const SessionFile &file : sessionFiles(m_stateDir)) {
        const qint64 updated = modified(file.path);
        if (updated <= known.value(file.id, -1) + tolerance && known.contains(file.id))
            continue;
        if (std::optional<SessionRow> row = readRow(m_stateDir, file, decompress)) {
            row->updated = updated;
            added += written(*row);
        }
    }
    return append(path(), added, O_CREAT);
}

} // namespace nightshift::store
