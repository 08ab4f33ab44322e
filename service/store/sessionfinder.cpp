#include "sessionfinder.h"
#include "base/ids.h"
#include "base/jsonreader.h"
#include "store/linewalk.h"
#include "store/mappedfile.h"
#include <QFile>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::store {

namespace {

/// Fewer could be a name as well.
constexpr qsizetype shortestPrefix = 8;

bool looksLikePrefix(const QString &text)
{
    return text.size() >= shortestPrefix && text.size() < 36 &&
           std::ranges::all_of(
               text,
               [](QChar c) {
                   return c == u'-' || (c >= u'0' && c <= u'9') || (c.toLower() >= u'a' && c.toLower() <= u'f');
               });
}

bool isThere(const QString &plain)
{
    return QFile::exists(plain) || QFile::exists(compressedPath(plain));
}

/// The names that sessions bear now, by id; later rows replace earlier ones. `use` gets the newest row first.
template <typename Use>
void forEachName(const QString &stateDir, Use use)
{
    const auto file = MappedFile::open(stateDir + u"/session_index.jsonl"_s);
    if (!file)
        return; // nobody named a session yet
    QHash<QString, bool> seen;
    BackwardLines lines((*file)->text());
    while (const std::optional<QByteArrayView> line = lines.next()) {
        const auto row = JsonDocument::parse(*line);
        const QString id = row ? row->root()["id"].toString().toLower() : QString();
        if (id.isEmpty() || seen.contains(id))
            continue;
        seen.insert(id, true);
        if (!use(id, row->root()["thread_name"].toString()))
            return;
    }
}

} // namespace

SessionFinder::SessionFinder(QString stateDir, Decompress decompress)
    : m_stateDir(stateDir)
    , m_decompress(std::move(decompress))
    , m_index(std::move(stateDir))
{}

Result<QString> SessionFinder::find(const QString &what, const Scope &scope) const
{
    const Result<SessionFile> file = locate(what, scope);
    if (!file)
        return std::unexpected(file.error());
    if (file->archived)
        return fail(Error::Kind::Denied,
                    u"session %1 is archived; `nightshift sessions unarchive %1` brings it back"_s.arg(file->id));
    return file->path;
}

Result<SessionFile> SessionFinder::locate(const QString &what, const Scope &scope) const
{
    if (isUuid(what)) {
        if (const std::optional<SessionFile> file = sessionFile(m_stateDir, what))
            return *file;
        return fail(Error::Kind::NotFound, u"there is no session %1 in %2/sessions"_s.arg(what, m_stateDir));
    }
    Result<SessionFile> named = byName(what, scope);
    if (named || named.error().kind != Error::Kind::NotFound || !looksLikePrefix(what))
        return named;
    return byPrefix(what.toLower());
}

Result<SessionFile> SessionFinder::byPrefix(const QString &prefix) const
{
    std::vector<SessionFile> found;
    for (const SessionFile &file : sessionFiles(m_stateDir)) {
        if (file.id.startsWith(prefix))
            found.push_back(file);
    }
    if (found.empty())
        return fail(
            Error::Kind::NotFound,
            u"no session in %2/sessions has the name %1, or an id that begins with it"_s.arg(prefix, m_stateDir));
    if (found.size() > 1)
        return fail(Error::Kind::Invalid,
                    u"%1 sessions have an id that begins with %2, such as %3 and %4"_s.arg(found.size())
                        .arg(prefix, found[0].id, found[1].id));
    return found.front();
}

Result<SessionFile> SessionFinder::byName(const QString &name, const Scope &scope) const
{
    QStringList ids;
    forEachName(m_stateDir, [&](const QString &id, const QString &itsName) {
        if (itsName == name)
            ids += id;
        return true;
    });
    std::optional<QString> elsewhere;
    for (const QString &id : ids) {
        const std::optional<SessionFile> file = sessionFile(m_stateDir, id);
        if (!file)
            continue; // deleted
        const std::optional<SessionRow> row = scope.all ? std::nullopt : readRow(m_stateDir, *file, m_decompress);
        if (scope.all || (row && row->cwd == scope.cwd))
            return *file;
        elsewhere = row ? row->cwd : QString();
    }
    if (elsewhere)
        return fail(Error::Kind::Denied, u"the session named %1 belongs to %2, not to %3; --all finds it"_s.arg(
                                             name, *elsewhere, scope.cwd));
    return fail(Error::Kind::NotFound, u"there is no session named %1 in %2"_s.arg(name, m_stateDir));
}

Result<QString> SessionFinder::last(const Scope &scope) const
{
    if (const Result<> refreshed = m_index.refresh(m_decompress); !refreshed)
        return std::unexpected(refreshed.error());
    const std::optional<QString> cwd = scope.all ? std::nullopt : std::optional(scope.cwd);
    // One is nearly always enough; further ones only where logs were archived or deleted behind our back.
    for (const size_t limit : {size_t(8), size_t(0)}) {
        const std::vector<SessionRow> rows = m_index.rows({scope.provider, cwd, false, limit});
        for (const SessionRow &row : rows) {
            if (const QString path = m_stateDir + u'/' + row.path; isThere(path))
                return path;
        }
        if (rows.size() < limit)
            break; // these were all
    }
    const QString where = scope.all ? m_stateDir + u"/sessions"_s : scope.cwd;
    return fail(Error::Kind::NotFound,
                u"there is no earlier session with provider %1 in %2"_s.arg(scope.provider, where));
}

QString SessionFinder::nameOf(const QString &id) const
{
    QString name;
    forEachName(m_stateDir, [&](const QString &other, const QString &itsName) {
        if (other == id.toLower())
            name = itsName;
        return other != id.toLower();
    });
    return name;
}

QHash<QString, QString> SessionFinder::names() const
{
    QHash<QString, QString> names;
    forEachName(m_stateDir, [&](const QString &id, const QString &name) {
        names.insert(id, name);
        return true;
    });
    return names;
}

} // namespace nightshift::store
