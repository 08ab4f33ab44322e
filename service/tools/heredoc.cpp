#include "tools/heredoc.h"
#include "tools/patch.h"
#include <QStringList>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

bool isBlank(QChar c)
{
    return c == u' ' || c == u'\t';
}

bool isNameCharacter(QChar c)
{
    return (c < u'\x80' && c.isLetterOrNumber()) || c == u'_';
}

/// Whether the shell would read more into an unquoted `c` than itself.
bool isSpecial(QChar c)
{
    return c.isSpace() || QStringView(u"'\"`$;&|<>()*?[{#").contains(c);
}

/// Walks over a script; each take… moves on only when it finds what it looks for.
class ScriptReader
{
public:
    explicit ScriptReader(QStringView script)
        : m_rest(script)
    {}

    bool take(QStringView expected);
    void takeBlanks();
    void takeSpace();
    bool takeCommand(QStringView name);
    void takeAssignments();
    std::optional<QString> takeFolder();
    std::optional<QString> takeHeredocWord();
    QStringView rest() const { return m_rest; }

private:
    bool takeAssignment();
    std::optional<QString> takeQuoted();

    QStringView m_rest;
};

bool ScriptReader::take(QStringView expected)
{
    if (!m_rest.startsWith(expected))
        return false;
    m_rest = m_rest.sliced(expected.size());
    return true;
}

void ScriptReader::takeBlanks()
{
    while ((!m_rest.isEmpty() && isBlank(m_rest.front())) || m_rest.startsWith(u"\\\n"))
        m_rest = m_rest.sliced(m_rest.front() == u'\\' ? 2 : 1);
}

void ScriptReader::takeSpace()
{
    for (takeBlanks(); take(u"\n") || take(u"\r\n"); takeBlanks()) {
    }
}

/// A word and the end of it.
bool ScriptReader::takeCommand(QStringView name)
{
    const qsizetype size = name.size();
    if (!m_rest.startsWith(name) || m_rest.size() == size || !(isBlank(m_rest[size]) || m_rest[size] == u'<'))
        return false;
    m_rest = m_rest.sliced(size);
    takeBlanks();
    return true;
}

/// `'text'` or `"text"`; in double quotes nothing that the shell would replace.
std::optional<QString> ScriptReader::takeQuoted()
{
    const QChar quote = m_rest.front();
    const qsizetype end = m_rest.indexOf(quote, 1);
    const QStringView text = end < 0 ? QStringView() : m_rest.sliced(1, end - 1);
    if (end < 0 || (quote == u'"' && (text.contains(u'$') || text.contains(u'`') || text.contains(u'\\'))))
        return {};
    m_rest = m_rest.sliced(end + 1);
    return text.toString();
}

bool ScriptReader::takeAssignment()
{
    const QStringView before = m_rest;
    qsizetype name = 0;
    while (name < m_rest.size() && isNameCharacter(m_rest[name]))
        ++name;
    m_rest = m_rest.sliced(name);
    bool good = name > 0 && !before.front().isDigit() && take(u"=");
    while (good && !m_rest.isEmpty() && !m_rest.front().isSpace()) {
        if (m_rest.front() == u'\'' || m_rest.front() == u'"')
            good = takeQuoted().has_value();
        else if ((good = !isSpecial(m_rest.front())))
            m_rest = m_rest.sliced(1);
    }
    if (!good)
        m_rest = before;
    return good;
}

void ScriptReader::takeAssignments()
{
    while (takeAssignment())
        takeBlanks();
}

std::optional<QString> ScriptReader::takeFolder()
{
    if (m_rest.isEmpty() || m_rest.front() == u'-') // an option of cd
        return {};
    if (m_rest.front() == u'\'' || m_rest.front() == u'"')
        return takeQuoted();
    qsizetype length = 0;
    while (length < m_rest.size() && !isSpecial(m_rest[length]))
        length += m_rest[length] == u'\\' && length + 1 < m_rest.size() ? 2 : 1; // kept as it is, as the reference does
    const QStringView folder = m_rest.first(length);
    m_rest = m_rest.sliced(length);
    return length > 0 ? std::optional(folder.toString()) : std::nullopt;
}

/// Quotes only say that the body is not to be expanded, and it never is here.
std::optional<QString> ScriptReader::takeHeredocWord()
{
    QString word;
    while (!m_rest.isEmpty() && !m_rest.front().isSpace()) {
        const QChar c = m_rest.front();
        if (c == u'\'' || c == u'"') {
            const qsizetype end = m_rest.indexOf(c, 1);
            if (end < 0)
                return {};
            word += m_rest.sliced(1, end - 1);
            m_rest = m_rest.sliced(end + 1);
        } else if (QStringView(u"`;&|<>()").contains(c)) {
            return {};
        } else {
            if (c != u'\\')
                word += c;
            m_rest = m_rest.sliced(1);
        }
    }
    return word.isEmpty() ? std::nullopt : std::optional(word);
}

/// The body in front of the word, when nothing but blank lines follows the word.
std::optional<QString> bodyBefore(const QString &word, QStringView text, bool stripTabs)
{
    QList<QStringView> lines = text.split(u'\n');
    for (QStringView &line : lines) {
        while (stripTabs && line.startsWith(u'\t'))
            line = line.sliced(1);
    }
    qsizetype end = lines.indexOf(QStringView(word));
    for (qsizetype i = lines.size() - 1; end < 0 && i >= 0; --i) {
        if (lines[i].trimmed() == word) // indented: for the shell part of the body, but never for the model
            end = i;
    }
    if (end < 0)
        end = lines.size();
    QString body;
    for (const QStringView line : lines.first(end))
        (body += line) += u'\n';
    const auto blank = [](QStringView line) { return line.trimmed().isEmpty(); };
    const bool last = end == lines.size() || std::all_of(lines.begin() + end + 1, lines.end(), blank);
    return last ? std::optional(body) : std::nullopt;
}

} // namespace

std::optional<ShellPatch> patchInShellCommand(const QString &script)
{
    if (QStringView(script).trimmed().startsWith(u"*** Begin Patch"))
        return parsePatch(script) ? std::optional(ShellPatch{.text = script, .isBare = true}) : std::nullopt;
    ScriptReader reader(script);
    ShellPatch patch;
    reader.takeSpace();
    reader.takeAssignments();
    if (reader.takeCommand(u"cd")) {
        const std::optional<QString> folder = reader.takeFolder();
        reader.takeBlanks();
        if (!folder || !reader.take(u"&&"))
            return {};
        patch.folder = *folder;
        reader.takeSpace();
        reader.takeAssignments();
    }
    if (!(reader.takeCommand(u"apply_patch") || reader.takeCommand(u"applypatch")) || !reader.take(u"<<"))
        return {};
    const bool stripTabs = reader.take(u"-");
    reader.takeBlanks();
    const std::optional<QString> word = reader.takeHeredocWord();
    reader.takeBlanks();
    if (!word || !(reader.take(u"\n") || reader.take(u"\r\n")))
        return {};
    const std::optional<QString> body = bodyBefore(*word, reader.rest(), stripTabs);
    if (!body)
        return {};
    patch.text = *body;
    return patch;
}

} // namespace nightshift::tools
