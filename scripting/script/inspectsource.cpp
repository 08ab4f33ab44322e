#include "script/inspectsource.h"
#include "script/tokens.h"
#include <iterator>

using namespace Qt::StringLiterals;

namespace nightshift::script {

namespace {

QString place(const QString &file, int line)
{
    return u"%1:%2"_s.arg(file).arg(line);
}

/// "(?<", not escaped and not in a class, of a group with a name or of a lookbehind.
bool hasNamedGroupOrLookbehind(const QString &regex)
{
    bool inClass = false;
    for (qsizetype i = 0; i < regex.size(); ++i) {
        if (regex[i] == u'\\')
            ++i;
        else if (regex[i] == u'[')
            inClass = true;
        else if (regex[i] == u']')
            inClass = false;
        else if (!inClass && QStringView(regex).mid(i).startsWith(u"(?<"))
            return true;
    }
    return false;
}

/// Reads a literal out of tokens.
class LiteralReader
{
public:
    LiteralReader(const std::vector<Token> &tokens, size_t at)
        : m_tokens(tokens)
        , m_at(at)
    {}

    std::optional<RawJson> value()
    {
        if (m_at >= m_tokens.size())
            return {};
        const Token &token = m_tokens[m_at];
        if (token.text == u"{")
            return object();
        if (token.text == u"[")
            return array();
        ++m_at;
        switch (token.kind) {
        case Token::Kind::String:
        case Token::Kind::Template:
            return text(token);
        case Token::Kind::Number:
            return number(token.text, 1);
        case Token::Kind::Word:
            return word(token.text);
        default:
            break;
        }
        if (token.text == u"-" && m_at < m_tokens.size())
            return number(m_tokens[m_at++].text, -1);
        --m_at;
        return {};
    }

    /// Of what could not be read.
    int line() const { return m_tokens[qMin(m_at, m_tokens.size() - 1)].line; }

private:
    bool takes(QStringView punctuator)
    {
        const bool is = m_at < m_tokens.size() && m_tokens[m_at].text == punctuator;
        m_at += is;
        return is;
    }

    std::optional<RawJson> object()
    {
        std::vector<std::pair<QString, RawJson>> members;
        for (++m_at; !takes(u"}"); takes(u",")) {
            if (m_at + 1 >= m_tokens.size() || m_tokens[m_at + 1].text != u":")
                return {};
            const Token &name = m_tokens[m_at];
            m_at += 2;
            auto member = value();
            if (!member || !endsHere(u"}"))
                return {};
            members.emplace_back(name.kind == Token::Kind::String ? unquoted(name.text) : name.text,
                                 std::move(*member));
        }
        return json::object(members);
    }

    std::optional<RawJson> array()
    {
        std::vector<RawJson> values;
        for (++m_at; !takes(u"]"); takes(u",")) {
            auto element = value();
            if (!element || !endsHere(u"]"))
                return {};
            values.push_back(std::move(*element));
        }
        return json::array(values);
    }

    bool endsHere(QStringView closing) const
    {
        return m_at < m_tokens.size() && (m_tokens[m_at].text == u"," || m_tokens[m_at].text == closing);
    }

    std::optional<RawJson> text(const Token &token)
    {
        if (token.text.endsWith(u"${") || token.text.size() < 2) {
            --m_at;
            return {};
        }
        return json::string(QStringView(unquoted(token.text)));
    }

    std::optional<RawJson> word(const QString &word)
    {
        if (word == u"true" || word == u"false" || word == u"null")
            return RawJson{word.toLatin1()};
        --m_at;
        return {};
    }

    std::optional<RawJson> number(QString digits, int sign)
    {
        bool ok = false;
        digits.remove(u'_');
        if (const qint64 whole = digits.toLongLong(&ok, 0); ok)
            return json::number(sign * whole);
        if (const double real = digits.toDouble(&ok); ok)
            return json::number(sign * real);
        --m_at;
        return {};
    }

    static QString unquoted(const QString &literal)
    {
        QString text;
        for (qsizetype i = 1; i < literal.size() - 1; ++i) {
            if (literal[i] != u'\\')
                text += literal[i];
            else
                text += escaped(literal, ++i);
        }
        return text;
    }

    /// The character that the escape at `i` stands for; `i` moves to its last character.
    static QString escaped(const QString &literal, qsizetype &i)
    {
        static constexpr QStringView codes = u"nrtbfv0", values = u"\n\r\t\b\f\v\0";
        const QChar c = literal[i];
        if (const qsizetype code = codes.indexOf(c); code >= 0)
            return values[code];
        const qsizetype digits = c == u'u' ? 4 : c == u'x' ? 2 : 0;
        bool ok = false;
        const char16_t unit = literal.mid(i + 1, digits).toUShort(&ok, 16);
        if (digits == 0 || !ok)
            return c == u'\n' ? QString() : QString(c);
        i += digits;
        return QChar(unit);
    }

    const std::vector<Token> &m_tokens;
    size_t m_at;
};

/// Where the value of `export const config` begins; past the end when there is none.
size_t configValue(const std::vector<Token> &tokens)
{
    for (size_t i = 0; i + 3 < tokens.size(); ++i) {
        if (tokens[i].text != u"export" || tokens[i + 2].text != u"config" || tokens[i + 1].kind != Token::Kind::Word)
            continue;
        size_t at = i + 3; // in TypeScript its type comes first
        while (at < tokens.size() && tokens[at].text != u"=" && tokens[at].text != u";")
            ++at;
        return at + 1;
    }
    return tokens.size();
}

} // namespace

Result<> refuseSilentlyWrong(const QString &source, const QString &file)
{
    for (const Token &token : tokens(source)) {
        if (token.kind == Token::Kind::Regex && hasNamedGroupOrLookbehind(token.text))
            return failAt(place(file, token.line),
                          {Error::Kind::Invalid, u"the script engine would silently get named groups and lookbehind in "
                                                 u"regular expressions wrong: use numbered groups, and match what "
                                                 u"stands before instead"_s});
    }
    return {};
}

Result<std::optional<RawJson>> readConfig(const QString &source, const QString &file)
{
    const auto all = tokens(source);
    const size_t at = configValue(all);
    if (at >= all.size())
        return std::nullopt;
    LiteralReader reader(all, at);
    auto value = reader.value();
    if (!value)
        return failAt(place(file, reader.line()),
                      {Error::Kind::Invalid,
                       u"config must be a literal of plain values, for it is read without running the script"_s});
    return value;
}

} // namespace nightshift::script
