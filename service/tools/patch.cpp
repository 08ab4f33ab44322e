#include "tools/patch.h"
#include <QStringList>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

constexpr QStringView beginMark = u"*** Begin Patch";
constexpr QStringView endMark = u"*** End Patch";
constexpr QStringView endOfFileMark = u"*** End of File";
constexpr QStringView environmentMark = u"*** Environment ID:";
constexpr QStringView moveMark = u"*** Move to: ";

struct HeaderMark
{
    QStringView text;
    PatchHunk::Kind kind;
};
constexpr HeaderMark headerMarks[] = {
    {u"*** Add File: ", PatchHunk::Kind::Add},
    {u"*** Delete File: ", PatchHunk::Kind::Delete},
    {u"*** Update File: ", PatchHunk::Kind::Update},
};

std::unexpected<Error> invalidPatch(const QString &what)
{
    return fail(Error::Kind::Invalid, u"invalid patch: "_s + what);
}

/// The kind and path that a header line names.
std::optional<PatchHunk> header(QStringView line)
{
    const QStringView trimmed = line.trimmed();
    for (const HeaderMark &mark : headerMarks) {
        if (trimmed.startsWith(mark.text))
            return PatchHunk{.kind = mark.kind, .path = trimmed.sliced(mark.text.size()).toString()};
    }
    return {};
}

/// Why the lines are no envelope, or nothing.
std::optional<QString> envelopeProblem(const QList<QStringView> &lines)
{
    const bool nothing = lines.size() == 1 && lines.first().isEmpty();
    if (!nothing && lines.first().trimmed() != beginMark)
        return u"The first line of the patch must be '*** Begin Patch'"_s;
    if (lines.size() < 2 || lines.last().trimmed() != endMark)
        return u"The last line of the patch must be '*** End Patch'"_s;
    return {};
}

/// Models that used to call the command in a shell sometimes hand over its whole here-document.
bool isHeredoc(const QList<QStringView> &lines)
{
    const QStringView first = lines.first();
    const bool opens = first == u"<<EOF" || first == u"<<'EOF'" || first == u"<<\"EOF\"";
    return opens && lines.size() >= 4 && lines.last().endsWith(u"EOF");
}

/// Walks the lines once, front to back; each function leaves m_at behind what it read.
class PatchReader
{
public:
    explicit PatchReader(QList<QStringView> lines)
        : m_lines(std::move(lines))
    {}

    Result<Patch> patch();

private:
    Result<> environment(Patch &patch);
    Result<PatchHunk> hunk();
    QString addedContent();
    Result<> update(PatchHunk &hunk);
    Result<PatchChunk> chunk(bool first);
    void chunkHead(PatchChunk &chunk);
    bool isEndOfFileMark() const;

    QStringView line() const { return m_lines[m_at]; }
    bool atEnd() const { return m_at >= m_lines.size() - 1; } // the last line is the end mark
    bool startsHunk() const { return atEnd() || line().trimmed() == endMark || header(line()); }
    void skipBlankLines();
    std::unexpected<Error> invalidHunk(const QString &what) const { return invalidHunk(what, m_at); }
    static std::unexpected<Error> invalidHunk(const QString &what, qsizetype at);

    QList<QStringView> m_lines;
    qsizetype m_at = 1;
};

Result<Patch> PatchReader::patch()
{
    Patch patch;
    if (const Result<> read = environment(patch); !read)
        return std::unexpected(read.error());
    while (!atEnd()) {
        Result<PatchHunk> next = hunk();
        if (!next)
            return std::unexpected(next.error());
        patch.hunks.push_back(*std::move(next));
        skipBlankLines();
    }
    return patch;
}

Result<> PatchReader::environment(Patch &patch)
{
    for (; !atEnd() && line().trimmed().startsWith(environmentMark); ++m_at) {
        const QStringView id = line().trimmed().sliced(environmentMark.size()).trimmed();
        if (patch.environment)
            return invalidPatch(u"apply_patch environment_id cannot be specified more than once"_s);
        if (id.isEmpty())
            return invalidPatch(u"apply_patch environment_id cannot be empty"_s);
        patch.environment = id.toString();
    }
    return {};
}

Result<PatchHunk> PatchReader::hunk()
{
    if (line().trimmed() == endMark)
        return invalidPatch(u"The last line of the patch must be '*** End Patch'; there are lines after it"_s);
    std::optional<PatchHunk> hunk = header(line());
    if (!hunk)
        return invalidHunk(u"'%1' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', "
                           "'*** Delete File: {path}', '*** Update File: {path}'"_s.arg(line().trimmed()));
    ++m_at;
    if (hunk->kind == PatchHunk::Kind::Add)
        hunk->content = addedContent();
    if (hunk->kind == PatchHunk::Kind::Update) {
        if (const Result<> read = update(*hunk); !read)
            return std::unexpected(read.error());
    }
    return *std::move(hunk);
}

QString PatchReader::addedContent()
{
    QString content;
    for (; !atEnd() && line().startsWith(u'+'); ++m_at)
        content += line().sliced(1).toString() + u'\n';
    return content;
}

Result<> PatchReader::update(PatchHunk &hunk)
{
    const qsizetype headerAt = m_at - 1;
    if (!atEnd() && line().startsWith(moveMark) && !line().sliced(moveMark.size()).trimmed().isEmpty()) {
        hunk.moveTo = line().trimmed().sliced(moveMark.size()).toString();
        ++m_at;
    }
    for (; !startsHunk(); skipBlankLines()) {
        Result<PatchChunk> next = chunk(hunk.chunks.empty());
        if (!next)
            return std::unexpected(next.error());
        hunk.chunks.push_back(*std::move(next));
    }
    if (hunk.chunks.empty())
        return invalidHunk(u"Update file hunk for path '%1' is empty"_s.arg(hunk.path), headerAt);
    return {};
}

Result<PatchChunk> PatchReader::chunk(bool first)
{
    PatchChunk chunk;
    const qsizetype start = m_at;
    chunkHead(chunk);
    if (m_at == start && !first)
        return invalidHunk(u"Expected update hunk to start with a @@ context marker, got: '%1'"_s.arg(line()));
    for (; !atEnd(); ++m_at) {
        if (isEndOfFileMark()) {
            chunk.atEndOfFile = !chunk.lines.empty();
            break;
        }
        const QChar mark = line().isEmpty() ? u' ' : line().front(); // editors strip the blank of an empty line
        const QString text = line().sliced(line().isEmpty() ? 0 : 1).toString();
        if (mark == u' ')
            chunk.lines.push_back({PatchLine::Kind::Keep, text});
        else if (mark == u'-')
            chunk.lines.push_back({PatchLine::Kind::Remove, text});
        else if (mark == u'+')
            chunk.lines.push_back({PatchLine::Kind::Add, text});
        else if (chunk.lines.empty())
            return invalidHunk(u"Unexpected line found in update hunk: '%1'. Every line should start with ' ' "
                               "(context line), '+' (added line), or '-' (removed line)"_s.arg(line()));
        else
            break;
    }
    if (chunk.lines.empty())
        return invalidHunk(u"Update hunk does not contain any lines"_s);
    if (chunk.atEndOfFile)
        ++m_at;
    return chunk;
}

/// Reads `@@` or `@@ anchor`, if that is where we are.
void PatchReader::chunkHead(PatchChunk &chunk)
{
    if (line() != u"@@" && !line().startsWith(u"@@ "))
        return;
    QStringView anchor = line().sliced(2);
    while (!anchor.isEmpty() && anchor.back().isSpace())
        anchor.chop(1);
    if (!anchor.isEmpty())
        chunk.anchor = anchor.sliced(1).toString();
    ++m_at;
}

bool PatchReader::isEndOfFileMark() const
{
    if (line() == endOfFileMark)
        return true;
    if (line().trimmed() != endOfFileMark || !line().startsWith(u' '))
        return false;
    // With padding it may as well be a context line of a file about patches; but then more lines follow.
    const QStringView next = m_lines[m_at + 1];
    return next.trimmed().isEmpty() || next.startsWith(u"@@") || next.trimmed() == endMark || header(next);
}

void PatchReader::skipBlankLines()
{
    while (!atEnd() && line().trimmed().isEmpty())
        ++m_at;
}

std::unexpected<Error> PatchReader::invalidHunk(const QString &what, qsizetype at)
{
    return fail(Error::Kind::Invalid, u"invalid hunk at line %1, "_s.arg(at + 1) + what);
}

} // namespace

Result<Patch> parsePatch(const QString &text)
{
    QList<QStringView> lines = QStringView(text).trimmed().split(u'\n');
    for (QStringView &line : lines) {
        if (line.endsWith(u'\r'))
            line.chop(1);
    }
    if (isHeredoc(lines))
        lines = lines.sliced(1, lines.size() - 2);
    if (const std::optional<QString> problem = envelopeProblem(lines))
        return invalidPatch(*problem);
    return PatchReader(std::move(lines)).patch();
}

} // namespace nightshift::tools
