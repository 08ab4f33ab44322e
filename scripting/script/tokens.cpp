#include "script/tokens.h"
#include <QStringList>

using namespace Qt::StringLiterals;

namespace nightshift::script {

namespace {

bool isWordPart(QChar c)
{
    return c.isLetterOrNumber() || c == u'_' || c == u'$' || c == u'#' || c == u'@' || c.isSurrogate();
}

/// After these a slash begins a regular expression, though after other words it divides.
bool awaitsOperand(const QString &word)
{
    static const QStringList words{u"return"_s, u"typeof"_s, u"case"_s,  u"in"_s,   u"of"_s,
                                   u"delete"_s, u"void"_s,   u"throw"_s, u"new"_s,  u"instanceof"_s,
                                   u"do"_s,     u"else"_s,   u"yield"_s, u"await"_s};
    return words.contains(word);
}

class Tokenizer
{
public:
    explicit Tokenizer(const QString &source)
        : m_source(source)
    {}

    std::vector<Token> run()
    {
        while (m_at < m_source.size())
            step();
        return std::move(m_tokens);
    }

private:
    QChar at(qsizetype offset = 0) const { return m_at + offset < m_source.size() ? m_source[m_at + offset] : QChar(); }

    void step()
    {
        const QChar c = at();
        if (c.isSpace())
            take(1);
        else if (c == u'/' && at(1) == u'/')
            take(lengthUpTo(u"\n"));
        else if (c == u'/' && at(1) == u'*')
            take(lengthUpTo(u"*/") + 2);
        else if (c == u'"' || c == u'\'')
            push(Token::Kind::String, quotedLength(c));
        else if (c == u'`')
            push(Token::Kind::Template, templateLength(1));
        else if (c == u'}' && !m_templates.empty() && m_templates.back() == m_braces)
            resumeTemplate();
        else if (c == u'/' && regexMayBegin())
            push(Token::Kind::Regex, regexLength());
        else if (c.isDigit())
            push(Token::Kind::Number, numberLength());
        else if (isWordPart(c))
            push(Token::Kind::Word, wordLength());
        else
            punctuator(c);
    }

    void take(qsizetype length)
    {
        length = qMin(length, m_source.size() - m_at);
        m_line += int(QStringView(m_source).mid(m_at, length).count(u'\n'));
        m_at += length;
    }

    void push(Token::Kind kind, qsizetype length)
    {
        m_tokens.push_back({kind, m_source.mid(m_at, length), m_line, m_at});
        take(length);
    }

    void punctuator(QChar c)
    {
        if (c == u'(')
            m_parentheses.push_back(!m_tokens.empty() && opensCondition(m_tokens.back().text));
        m_afterCondition = false;
        if (c == u')' && !m_parentheses.empty()) {
            m_afterCondition = m_parentheses.back();
            m_parentheses.pop_back();
        }
        m_braces += c == u'{' ? 1 : c == u'}' ? -1 : 0;
        push(Token::Kind::Punctuator, 1);
    }

    static bool opensCondition(const QString &word)
    {
        return word == u"if" || word == u"while" || word == u"for" || word == u"with";
    }

    bool regexMayBegin() const
    {
        if (m_tokens.empty())
            return true;
        const Token &last = m_tokens.back();
        if (last.kind == Token::Kind::Word)
            return awaitsOperand(last.text);
        if (last.kind == Token::Kind::Template)
            return last.text.endsWith(u"${");
        if (last.kind != Token::Kind::Punctuator || last.text == u"]" || last.text == u"}")
            return false;
        return last.text != u")" || m_afterCondition;
    }

    /// A `}` that ends a `${`: the template goes on.
    void resumeTemplate()
    {
        m_templates.pop_back();
        --m_braces;
        push(Token::Kind::Template, templateLength(1));
    }

    /// Of the template from here to its end or its next `${`, which is noted.
    qsizetype templateLength(qsizetype length)
    {
        for (; !at(length).isNull(); ++length) {
            if (at(length) == u'\\')
                ++length;
            else if (at(length) == u'`')
                return length + 1;
            else if (at(length) == u'$' && at(length + 1) == u'{') {
                m_templates.push_back(++m_braces);
                return length + 2;
            }
        }
        return length;
    }

    qsizetype lengthUpTo(QStringView end) const
    {
        const qsizetype found = m_source.indexOf(end, m_at + (end.size() > 1 ? 2 : 0));
        return (found < 0 ? m_source.size() : found) - m_at;
    }

    qsizetype quotedLength(QChar quote) const
    {
        qsizetype length = 1;
        while (!at(length).isNull() && at(length) != quote && at(length) != u'\n')
            length += at(length) == u'\\' ? 2 : 1;
        return length + 1;
    }

    qsizetype regexLength() const
    {
        qsizetype length = 1;
        for (bool inClass = false; !at(length).isNull() && at(length) != u'\n'; ++length) {
            if (at(length) == u'\\')
                ++length;
            else if (at(length) == u'[')
                inClass = true;
            else if (at(length) == u']')
                inClass = false;
            else if (at(length) == u'/' && !inClass)
                break;
        }
        for (++length; at(length).isLetter(); ++length) {
        }
        return length;
    }

    qsizetype wordLength() const
    {
        qsizetype length = 1;
        while (isWordPart(at(length)))
            ++length;
        return length;
    }

    qsizetype numberLength() const
    {
        qsizetype length = 1;
        for (; isWordPart(at(length)) || at(length) == u'.'; ++length) {
            const bool exponent = at(length).toLower() == u'e' && at(1).toLower() != u'x';
            if (exponent && (at(length + 1) == u'-' || at(length + 1) == u'+'))
                ++length;
        }
        return length;
    }

    const QString &m_source;
    qsizetype m_at = 0;
    int m_line = 1;
    int m_braces = 0;
    std::vector<int> m_templates;    ///< The depth of braces inside each `${` that is open.
    std::vector<bool> m_parentheses; ///< Of those open: whether they hold the condition of a statement.
    bool m_afterCondition = false;
    std::vector<Token> m_tokens;
};

} // namespace

std::vector<Token> tokens(const QString &source)
{
    return Tokenizer(source).run();
}

} // namespace nightshift::script
