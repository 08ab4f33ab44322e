#include "tools/patchapply.h"
#include "tools/patchmatch.h"
#include <QStringList>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

/// A file cut at LF, CRLF and lone CR.
struct Lines
{
    std::vector<QStringView> texts;
    std::vector<QStringView> ends; ///< One for each text; the last may be empty.
};

Lines split(QStringView text)
{
    Lines lines;
    while (!text.isEmpty()) {
        qsizetype length = 0;
        while (length < text.size() && text[length] != u'\n' && text[length] != u'\r')
            ++length;
        const QStringView rest = text.sliced(length);
        const qsizetype end = rest.startsWith(u"\r\n") ? 2 : rest.isEmpty() ? 0 : 1;
        lines.texts.push_back(text.first(length));
        lines.ends.push_back(rest.first(end));
        text = rest.sliced(end);
    }
    return lines;
}

std::vector<QStringView> oldLines(const std::vector<PatchLine> &lines)
{
    std::vector<QStringView> old;
    for (const PatchLine &line : lines) {
        if (line.kind != PatchLine::Kind::Add)
            old.push_back(line.text);
    }
    return old;
}

/// A model's last, empty line is often only the gap before the next hunk. The lines without it, and
/// without an empty line added in its place; nothing when the last old line is not empty.
std::optional<std::vector<PatchLine>> withoutLastEmptyLine(std::vector<PatchLine> lines)
{
    const auto isAdded = [](const PatchLine &line) { return line.kind == PatchLine::Kind::Add; };
    const auto lastOld = std::find_if_not(lines.rbegin(), lines.rend(), isAdded);
    if (lastOld == lines.rend() || !lastOld->text.isEmpty())
        return {};
    const bool followed = lastOld != lines.rbegin();
    const bool followedByEmpty = followed && lines.back().text.isEmpty();
    if (lastOld->kind == PatchLine::Kind::Keep && followed)
        lastOld->kind = PatchLine::Kind::Add; // it is wanted above what is added
    else
        lines.erase(std::next(lastOld).base());
    if (followedByEmpty)
        lines.pop_back();
    return lines;
}

/// Copies the file while walking it, chunk by chunk.
class Updating
{
public:
    Updating(const QString &text, const QString &path)
        : m_path(path)
        , m_file(split(text))
        , m_style(m_file.ends.empty() || m_file.ends.front().isEmpty() ? QStringView(u"\n") : m_file.ends.front())
    {}

    Result<> apply(const PatchChunk &chunk);
    QString finish();

private:
    Result<> findAnchor(const QString &anchor);
    std::optional<qsizetype> find(const std::vector<PatchLine> &lines, bool atEndOfFile) const;
    void replace(qsizetype at, const std::vector<PatchLine> &lines);
    std::unexpected<Error> notFound(const PatchChunk &chunk) const;
    qsizetype size() const { return qsizetype(m_file.texts.size()); }
    void copyUpTo(qsizetype end);

    QString m_path;
    Lines m_file;
    QStringView m_style;    ///< How lines end that have no end of their own.
    QString m_text;         ///< The result up to m_copied.
    qsizetype m_copied = 0; ///< Lines of the file that m_text has dealt with.
    qsizetype m_from = 0;   ///< Where the next chunk may begin.
    QStringList m_appended; ///< Lines behind the file's last, in the order of the chunks that add them.
};

Result<> Updating::apply(const PatchChunk &chunk)
{
    if (chunk.anchor) {
        if (const Result<> found = findAnchor(*chunk.anchor); !found)
            return found;
    }
    if (oldLines(chunk.lines).empty()) {
        for (const PatchLine &line : chunk.lines)
            m_appended += line.text;
        return {};
    }
    if (const auto at = find(chunk.lines, chunk.atEndOfFile)) {
        replace(*at, chunk.lines);
        return {};
    }
    if (const auto shorter = withoutLastEmptyLine(chunk.lines)) {
        if (const auto at = find(*shorter, chunk.atEndOfFile)) {
            replace(*at, *shorter);
            return {};
        }
    }
    return notFound(chunk);
}

Result<> Updating::findAnchor(const QString &anchor)
{
    if (const auto at = seekLines(m_file.texts, {anchor}, m_from)) {
        m_from = *at + 1;
        return {};
    }
    QString message = u"Failed to find context '%1' in %2"_s.arg(anchor, m_path);
    const auto holds = [&](QStringView line) { return line.contains(anchor.trimmed()); };
    const auto holder = std::find_if(m_file.texts.begin(), m_file.texts.end(), holds);
    if (const auto above = seekLines(m_file.texts, {anchor}, 0))
        message += u"\nLine %1 is above the place of the chunk before"_s.arg(*above + 1);
    else if (anchor.startsWith(u'-') && anchor.contains(u" +"))
        message += u"\nLine numbers are not used here: write @@ alone, or the whole line above the change"_s;
    else if (holder != m_file.texts.end())
        message += u"\nLine %1 only contains it, and the whole line was expected: '%2'"_s
                       .arg(holder - m_file.texts.begin() + 1)
                       .arg(*holder);
    else if (const QString nearest = nearestPlace(m_file.texts, {anchor}); !nearest.isEmpty())
        message += u'\n' + nearest;
    return fail(Error::Kind::Invalid, message);
}

std::optional<qsizetype> Updating::find(const std::vector<PatchLine> &lines, bool atEndOfFile) const
{
    const std::vector<QStringView> old = oldLines(lines);
    if (old.empty())
        return m_from;
    const qsizetype last = size() - qsizetype(old.size());
    return seekLines(m_file.texts, old, atEndOfFile ? std::max(m_from, last) : m_from);
}

void Updating::replace(qsizetype at, const std::vector<PatchLine> &lines)
{
    copyUpTo(at);
    bool isReplacing = false; // lines that take the place of others stay in front of those only added
    for (const PatchLine &line : lines) {
        if (line.kind == PatchLine::Kind::Add && (isReplacing || m_copied < size()))
            (m_text += line.text) += m_style;
        else if (line.kind == PatchLine::Kind::Add)
            m_appended += line.text;
        else if (line.kind == PatchLine::Kind::Keep)
            copyUpTo(m_copied + 1);
        else
            ++m_copied;
        if (line.kind != PatchLine::Kind::Add)
            isReplacing = line.kind == PatchLine::Kind::Remove;
    }
    m_from = m_copied;
}

std::unexpected<Error> Updating::notFound(const PatchChunk &chunk) const
{
    const std::vector<QStringView> old = oldLines(chunk.lines);
    QString message = u"Failed to find expected lines in "_s + m_path + u':';
    for (const QStringView line : old)
        message += u'\n' + line.toString();
    if (const auto at = seekLines(m_file.texts, old, 0)) {
        message += u"\nThey are at line %1, "_s.arg(*at + 1);
        if (chunk.atEndOfFile && *at >= m_from)
            message += u"and not at the end of the file as '*** End of File' says"_s;
        else
            message += u"but only lines from %1 on are left: chunks must be in the file's order, without overlap"_s.arg(
                m_from + 1);
    } else if (const QString nearest = nearestPlace(m_file.texts, old); !nearest.isEmpty()) {
        message += u'\n' + nearest;
    }
    return fail(Error::Kind::Invalid, message);
}

void Updating::copyUpTo(qsizetype end)
{
    for (; m_copied < end; ++m_copied) {
        const QStringView own = m_file.ends[m_copied];
        m_text += m_file.texts[m_copied];
        m_text += own.isEmpty() ? m_style : own;
    }
}

QString Updating::finish()
{
    copyUpTo(size());
    for (const QString &line : m_appended)
        (m_text += line) += m_style;
    return std::move(m_text);
}

} // namespace

Result<QString> applyChunks(const QString &text, const std::vector<PatchChunk> &chunks, const QString &path)
{
    Updating updating(text, path);
    for (const PatchChunk &chunk : chunks) {
        if (const Result<> applied = updating.apply(chunk); !applied)
            return std::unexpected(applied.error());
    }
    return updating.finish();
}

} // namespace nightshift::tools
