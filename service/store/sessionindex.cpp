#include "sessionindex.h"
#include "base/jsonreader.h"
#include "store/coordination.h"
#include "store/folders.h"
#include "store/jsonspan.h"
#include "store/latestids.h"
#include "store/linewalk.h"
#include "store/mappedfile.h"
#include <QFile>
#include <QHash>
#include <algorithm>
#include <span>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

SessionIndex::SessionIndex(QString stateDir)
    : m_stateDir(std::move(stateDir))
{}

QString SessionIndex::path() const
{
    return m_stateDir + u"/nightshift_index.jsonl"_s;
}

IndexFile SessionIndex::file() const
{
    return IndexFile(QFile::encodeName(path()));
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

Result<> SessionIndex::remember(const SessionRow &row) const
{
    const Result<> appended = file().append(written(row), IndexFile::Missing::Fails);
    return !appended && appended.error().kind == Error::Kind::NotFound ? Result<>() : appended;
}

Result<> SessionIndex::forget(const QString &id) const
{
    return remember({.id = id});
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

namespace {

/// A row as it stands in the file, and what its place in a list depends on.
struct Candidate
{
    qint64 updated;
    QByteArrayView line;
};

} // namespace

static bool fits(QByteArrayView line, const SessionIndex::Filter &filter)
{
    const QByteArrayView path = bareString(memberText(line, "path"));
    return !path.isEmpty() && (!filter.archived || *filter.archived == path.startsWith("archived_sessions/"));
}

std::vector<SessionRow> SessionIndex::rows(const Filter &filter) const
{
    const auto file = MappedFile::open(path());
    if (!file)
        return {}; // a cache that is not there
    const std::optional<RawJson> provider = asWritten(filter.provider), cwd = asWritten(filter.cwd);
    const size_t expected = size_t((*file)->text().size() / rowBytes);
    LatestIds seen(expected);
    std::vector<Candidate> found;
    found.reserve(provider || cwd ? 0 : expected);
    BackwardLines lines((*file)->text());
    while (const std::optional<QByteArrayView> line = lines.next()) {
        const QByteArrayView id = rowId(*line);
        if (!id.isEmpty() && seen.insert(id) && fits(*line, filter) && fits(*line, "provider", provider) &&
            fits(*line, "cwd", cwd))
            found.push_back({memberText(*line, "updated").toLongLong(), *line});
    }
    // Only the rows that are shown are read; to sort them all would cost more than to find them.
    const size_t shown = filter.limit ? std::min(filter.limit, found.size()) : found.size();
    std::ranges::partial_sort(found, found.begin() + qsizetype(shown), std::ranges::greater(), &Candidate::updated);
    std::vector<SessionRow> rows;
    rows.reserve(shown);
    for (const Candidate &candidate : std::span(found).first(shown))
        rows.push_back(rowFrom(candidate.line));
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
    QHash<QString, SessionRow> known;
    for (SessionRow &row : rows())
        known.insert(row.id, std::move(row));
    QByteArray added;
    for (const SessionFile &file : sessionFiles(m_stateDir)) {
        const qint64 updated = modified(file.path);
        const auto old = known.constFind(file.id);
        const bool moved = old == known.cend() || old->path != QStringView(file.path).sliced(m_stateDir.size() + 1);
        const bool isNew = moved || updated > old->updated + tolerance;
        if (!isNew) {
            known.erase(old);
            continue;
        }
        if (std::optional<SessionRow> row = readRow(m_stateDir, file, decompress)) {
            row->updated = updated;
            added += written(*row);
        }
        known.remove(file.id);
    }
    for (const SessionRow &gone : std::as_const(known))
        added += written({.id = gone.id});
    return file().append(added, IndexFile::Missing::IsMade);
}

} // namespace nightshift::store
