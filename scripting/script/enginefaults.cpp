#include "script/enginefaults.h"
#include "script/tokens.h"
#include <algorithm>
#include <array>

namespace nightshift::script {

namespace {

enum class LineEnds { Matter, DoNot };

int depthChange(const Token &token)
{
    if (token.kind == Token::Kind::Template)
        return (token.text.endsWith(u"${") ? 1 : 0) - (token.text.startsWith(u'}') ? 1 : 0);
    if (token.kind != Token::Kind::Punctuator)
        return 0;
    const QChar c = token.text[0];
    return c == u'(' || c == u'[' || c == u'{' ? 1 : c == u')' || c == u']' || c == u'}' ? -1 : 0;
}

/// Walks over the functions of strict code.
class Finder
{
public:
    Finder(const std::vector<Token> &tokens, LineEnds lineEnds)
        : m_tokens(tokens)
        , m_lineEnds(lineEnds)
    {}

    std::vector<LostAssignment> find(size_t from, size_t to) const
    {
        std::vector<LostAssignment> lost;
        for (size_t i = from; i < to; ++i) {
            const bool returns = is(i, u"return") && !is(i - 1, u".") && !isMethod(i);
            const bool arrow = isArrow(i) && !is(i + 2, u"{");
            const size_t first = returns ? i + 1 : i + 2;
            if (!returns && !arrow)
                continue;
            const size_t end = expressionEnd(first, arrow);
            if (end > first && assigns(first, end))
                lost.push_back(
                    {m_tokens[first].at, m_tokens[end - 1].at + m_tokens[end - 1].text.size(), m_tokens[first].line});
        }
        return lost;
    }

    /// The token after the bracket that closes the one at `i`.
    size_t afterBrackets(size_t i) const
    {
        int depth = 0;
        do {
            depth += depthChange(m_tokens[i++]);
        } while (depth > 0 && i < m_tokens.size());
        return i;
    }

    bool is(size_t i, QStringView text) const { return i < m_tokens.size() && m_tokens[i].text == text; }

private:
    bool touches(size_t i) const { return m_tokens[i + 1].at == m_tokens[i].at + 1; }
    bool isArrow(size_t i) const { return is(i, u"=") && is(i + 1, u">") && touches(i); }
    bool isMethod(size_t i) const { return is(i + 1, u":") || (is(i + 1, u"(") && is(afterBrackets(i + 1), u"{")); }

    size_t expressionEnd(size_t i, bool arrow) const
    {
        const auto first = i;
        for (int depth = 0, questions = 0; i < m_tokens.size(); ++i) {
            const bool newLine = i > first && m_tokens[i].line != m_tokens[i - 1].line;
            if (depth == 0 && (is(i, u";") || (arrow && is(i, u",")) || (newLine && m_lineEnds == LineEnds::Matter)))
                break;
            if (depth == 0 && is(i, u":") && --questions < 0)
                break;
            questions += depth == 0 && is(i, u"?");
            depth += depthChange(m_tokens[i]);
            if (depth < 0)
                break;
        }
        return i;
    }

    /// Whether anything is assigned with a plain `=`, and anything called.
    bool assigns(size_t first, size_t end) const
    {
        bool assigned = false, called = false;
        for (size_t i = first; i < end; ++i) {
            called |= is(i, u"(") || m_tokens[i].kind == Token::Kind::Template;
            const bool part = i > 0 && m_tokens[i - 1].text.size() == 1 && touches(i - 1) &&
                              QStringView(u"=!<>+-*/%&|^?").contains(m_tokens[i - 1].text);
            const bool more = i + 1 < m_tokens.size() && touches(i) && (is(i + 1, u"=") || is(i + 1, u">"));
            assigned |= is(i, u"=") && !part && !more;
        }
        return assigned && called;
    }

    const std::vector<Token> &m_tokens;
    const LineEnds m_lineEnds;
};

/// Puts other words in the place of some.
class Mender
{
public:
    explicit Mender(const QString &bundle)
        : m_text(bundle)
        , m_tokens(tokens(bundle))
        , m_finder(m_tokens, LineEnds::DoNot)
    {}

    QString run()
    {
        for (const Token &token : m_tokens) {
            if (token.kind == Token::Kind::String && token.text.sliced(1).chopped(1) == u"use strict")
                replace(token.at, token.text.size(), QStringLiteral("0"));
        }
        for (size_t i = 0; i < m_tokens.size(); ++i) {
            const size_t body = isClass(i) ? classBody(i) : m_tokens.size();
            if (body < m_tokens.size())
                mendClass(i, body);
        }
        std::ranges::stable_sort(m_edits, {}, &Edit::at);
        for (auto edit = m_edits.rbegin(); edit != m_edits.rend(); ++edit)
            m_text.replace(edit->at, edit->length, edit->text);
        return m_text;
    }

private:
    struct Edit
    {
        qsizetype at;
        qsizetype length;
        QString text;
    };

    void replace(qsizetype at, qsizetype length, const QString &text) { m_edits.push_back({at, length, text}); }

    bool is(size_t i, QStringView text) const { return m_finder.is(i, text); }

    bool isClass(size_t i) const { return is(i, u"class") && !is(i - 1, u".") && !is(i + 1, u":") && !is(i + 1, u"("); }

    size_t classBody(size_t i) const
    {
        for (++i; i < m_tokens.size() && !is(i, u"{");)
            i = is(i, u"(") || is(i, u"[") ? m_finder.afterBrackets(i) : i + 1;
        return i;
    }

    void mendClass(size_t name, size_t body)
    {
        const size_t end = m_finder.afterBrackets(body);
        if (!m_inClass || body >= m_classEnd) { // of a class within a class all is found already
            for (const LostAssignment &lost : m_finder.find(body, end)) {
                replace(lost.from, 0, QStringLiteral("[("));
                replace(lost.to, 0, QStringLiteral(")][0]"));
            }
            m_inClass = true;
            m_classEnd = end;
        }
        const auto word = [](const Token &token) { return token.text == u"extends"; };
        if (!std::any_of(m_tokens.begin() + qsizetype(name), m_tokens.begin() + qsizetype(body), word))
            return;
        for (size_t i = body + 1; i < end; i = depthChange(m_tokens[i]) > 0 ? m_finder.afterBrackets(i) : i + 1) {
            if (is(i, u"constructor") && is(i + 1, u"("))
                mendConstructor(m_finder.afterBrackets(i + 1));
        }
    }

    /// From `super(…);` on its `this` has a name, which arrow functions do see.
    void mendConstructor(size_t body)
    {
        const size_t end = m_finder.afterBrackets(body);
        size_t i = body + 1;
        while (i < end && !(is(i, u"super") && is(i + 1, u"(")))
            i = depthChange(m_tokens[i]) > 0 ? m_finder.afterBrackets(i) : i + 1;
        const size_t called = i < end ? m_finder.afterBrackets(i + 1) : end;
        if (!is(called, u";"))
            return;
        replace(m_tokens[called].at + 1, 0, QStringLiteral(" const nightshiftThis = this;"));
        for (i = called; i < end; ++i) {
            if (isClass(i))
                i = m_finder.afterBrackets(classBody(i)) - 1;
            else if (isOwnThisFunction(i))
                i = m_finder.afterBrackets(m_finder.afterBrackets(i)) - 1;
            else if (is(i, u"this") && !is(i - 1, u".") && !is(i + 1, u":"))
                replace(m_tokens[i].at, 4, QStringLiteral("nightshiftThis"));
        }
    }

    /// Whether the parameters of a function or a method begin here, no arrow function's and no statement's.
    bool isOwnThisFunction(size_t i) const
    {
        static constexpr std::array<QStringView, 6> statements{u"if", u"for", u"while", u"switch", u"catch", u"with"};
        return is(i, u"(") && is(m_finder.afterBrackets(i), u"{") &&
               std::ranges::find(statements, m_tokens[i - 1].text) == statements.end();
    }

    QString m_text;
    const std::vector<Token> m_tokens;
    const Finder m_finder;
    std::vector<Edit> m_edits;
    bool m_inClass = false;
    size_t m_classEnd = 0;
};

} // namespace

std::vector<LostAssignment> lostAssignments(const QString &module)
{
    const auto all = tokens(module);
    return Finder(all, LineEnds::Matter).find(0, all.size());
}

QString mendBundle(const QString &bundle)
{
    return Mender(bundle).run();
}

} // namespace nightshift::script
