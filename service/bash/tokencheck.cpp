#include "tokencheck.h"
#include "bash/nodes.h"
#include "bash/words.h"
#include <QByteArrayList>

using namespace Qt::StringLiterals;

namespace nightshift::bash {

namespace {

/// The start of a text, on one line.
QString excerpt(QByteArrayView text)
{
    const QString whole = QString::fromUtf8(text).simplified();
    return whole.size() > 40 ? whole.first(40) + u'…' : whole;
}

/// Whether one of these characters stands in the text without a backslash in front of it.
bool hasBare(QByteArrayView text, QByteArrayView characters)
{
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (characters.contains(text[i]))
            return true;
    }
    return false;
}

/// Whether something in it is replaced before the shell uses the text.
bool hasExpansion(QByteArrayView text)
{
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '`' ||
                 (text[i] == '$' && i + 1 < text.size() && QByteArrayView("({[").contains(text[i + 1])))
            return true;
    }
    return false;
}

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/// Where blanks end no word: ${x:-a b}.
bool isInExpansion(TSNode node)
{
    const TSNode parent = ts_node_parent(node);
    return kind(parent) == "expansion" ||
           (kind(parent) == "concatenation" && kind(ts_node_parent(parent)) == "expansion");
}

/// Signs in quotes come with the blanks in front of them.
QByteArrayView withoutBlanks(QByteArrayView text)
{
    while (!text.isEmpty() && isBlank(text.front()))
        text = text.sliced(1);
    return text;
}

class TokenCheck
{
public:
    explicit TokenCheck(const QByteArray &text)
        : m_text(text)
    {}
    void visit(TSNode node);
    QString problem;

private:
    void visitTokens(TSNode node);
    void onGap(qsizetype end);
    void onToken(TSNode node);
    void onComment(TSNode node);
    void onHeredoc(TSNode node);
    void onBody(TSNode node, bool raw);
    void report(const QString &what);

    const QByteArray &m_text;
    int m_depth = 0;
    qsizetype m_end = 0; ///< Where the last token ended.
};

void TokenCheck::report(const QString &what)
{
    if (problem.isEmpty())
        problem = what;
}

void TokenCheck::visit(TSNode node)
{
    if (m_depth >= deepestNode)
        return report(u"too deep a nesting"_s);
    ++m_depth;
    visitTokens(node);
    --m_depth;
}

void TokenCheck::visitTokens(TSNode node)
{
    if (ts_node_is_missing(node) || kind(node) == "ERROR")
        report(u"no shell syntax at `%1`"_s.arg(excerpt(QByteArrayView(m_text).sliced(ts_node_start_byte(node)))));
    const bool apart = kind(node) == "simple_expansion" && std::ranges::any_of(textOf(node, m_text), isBlank);
    if (apart && kind(ts_node_parent(node)) != "string")
        report(u"`%1`"_s.arg(excerpt(textOf(node, m_text)))); // "5$ or more" is a text, `x=$ git` starts git
    if (kind(node) == "heredoc_redirect")
        return onHeredoc(node);
    if (ts_node_child_count(node) > 0)
        return forEachChild(node, [this](TSNode child) { visit(child); });
    onGap(ts_node_start_byte(node));
    onToken(node);
    m_end = std::max(m_end, qsizetype(ts_node_end_byte(node)));
}

/// Blanks, or a line that goes on in the next one, which must not be in the middle of a word.
void TokenCheck::onGap(qsizetype end)
{
    if (end <= m_end)
        return;
    const QByteArrayView gap = QByteArrayView(m_text).sliced(m_end, end - m_end);
    QByteArray rest = gap.toByteArray();
    rest.replace("\\\n", "");
    static constexpr QByteArrayView breaks = " \t\n;|&()";
    const bool joins = rest.isEmpty() && m_end > 0 && end < m_text.size() && !breaks.contains(m_text[m_end - 1]) &&
                       !breaks.contains(m_text[end]);
    if (joins)
        report(u"a word that goes on in the next line at `%1`"_s.arg(excerpt(QByteArrayView(m_text).sliced(end))));
    else if (!std::ranges::all_of(rest, isBlank) && rest != " - ") // `a - <<E`: a word that the reader adds
        report(u"characters between words that are neither: `%1`"_s.arg(excerpt(gap)));
}

void TokenCheck::onToken(TSNode node)
{
    const QByteArrayView text = textOf(node, m_text);
    const QByteArrayView name = kind(node);
    bool asSaid = true;
    if (name == "comment")
        return onComment(node);
    if (!ts_node_is_named(node))
        asSaid = withoutBlanks(text) == name || std::ranges::all_of(text, isBlank);
    else if (name == "raw_string")
        asSaid = text.size() >= 2 && text.startsWith('\'') && text.indexOf('\'', 1) == text.size() - 1;
    else if (name == "ansi_c_string")
        asSaid = text.size() >= 3 && text.startsWith("$'") && text.endsWith('\'') &&
                 !hasBare(text.sliced(2).chopped(1), "'");
    else if (name == "variable_name" && isBlank(text.front()))
        asSaid = true; // in quotes, see visitTokens
    else if (name == "word" || name == "number" || name == "variable_name")
        asSaid = !hasBare(text, "|&;()<>\"'`\n\r\v\f") && !hasExpansion(text) &&
                 (!hasBare(text, " \t") || isInExpansion(node));
    else if (name == "string_content")
        asSaid = !hasBare(text, "\"") && !hasExpansion(text);
    else if (!isOneOf(node, {"heredoc_start", "heredoc_end"}))
        asSaid = !hasExpansion(text);
    if (!asSaid)
        report(u"`%1`"_s.arg(excerpt(text)));
}

/// A comment begins where a word would, and ends with its line.
void TokenCheck::onComment(TSNode node)
{
    const qsizetype start = ts_node_start_byte(node);
    const bool begins = start == 0 || (QByteArrayView(" \t\n;|&()").contains(m_text[start - 1]) &&
                                       !(start > 1 && m_text[start - 2] == '\\'));
    if (!begins || textOf(node, m_text).contains('\n'))
        report(u"`%1`, which is no comment"_s.arg(excerpt(textOf(node, m_text))));
}

/// That the document ends where the shell ends it: at the first line which is its delimiter.
void TokenCheck::onHeredoc(TSNode node)
{
    QByteArray delimiter;
    bool raw = false;
    bool tabs = false;
    forEachChild(node, [&](TSNode child) {
        const QByteArrayView text = textOf(child, m_text);
        tabs = tabs || kind(child) == "<<-";
        if (kind(child) != "heredoc_body")
            visit(child);
        else
            onBody(child, raw);
        if (kind(child) == "heredoc_start") {
            raw = text.contains('\'') || text.contains('"') || text.contains('\\');
            delimiter = text.toByteArray();
            for (const char *sign : {"'", "\"", "\\"})
                delimiter.replace(sign, "");
        }
        bool ends = kind(child) != "heredoc_end" || text == delimiter;
        if (kind(child) == "heredoc_body") {
            QByteArray body = text.toByteArray();
            if (!raw)
                body.replace("\\\n", "");
            for (QByteArrayView line : body.split('\n')) {
                while (tabs && line.startsWith('\t'))
                    line = line.sliced(1);
                ends = ends && line != delimiter;
            }
        }
        if (!ends)
            report(u"where the here-document `%1` ends"_s.arg(QString::fromUtf8(delimiter)));
    });
    if (delimiter.isEmpty() || delimiter.contains('$') || delimiter.contains('`'))
        report(u"a here-document without a plain end"_s);
}

/// Of a body in which something is replaced, the grammar must have found all of that.
void TokenCheck::onBody(TSNode node, bool raw)
{
    QByteArray rest = textOf(node, m_text).toByteArray();
    const qsizetype start = ts_node_start_byte(node);
    forEachChild(node, [&](TSNode child) {
        if (kind(child) == "heredoc_content")
            return;
        for (qsizetype at = ts_node_start_byte(child); at < qsizetype(ts_node_end_byte(child)); ++at)
            rest[at - start] = ' ';
        m_end = ts_node_start_byte(child);
        visit(child);
    });
    m_end = ts_node_end_byte(node);
    if (!raw && hasExpansion(rest))
        report(u"`%1` in a here-document"_s.arg(excerpt(rest)));
}

} // namespace

QString problemOf(TSNode root, const QByteArray &text)
{
    if (text.contains('\0'))
        return u"a NUL character"_s;
    TokenCheck check(text);
    check.visit(root);
    if (check.problem.isEmpty() && ts_node_has_error(root))
        return u"no shell syntax"_s;
    return check.problem;
}

} // namespace nightshift::bash
