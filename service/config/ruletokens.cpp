#include "ruletokens.h"

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

using Kind = RuleToken::Kind;

bool beginsName(QChar c)
{
    return c == u'_' || (c < u'\x80' && c.isLetter());
}

bool goesOnName(QChar c)
{
    return beginsName(c) || (c < u'\x80' && c.isDigit());
}

class Reader
{
public:
    explicit Reader(QStringView text)
        : m_text(text)
    {}
    std::expected<std::vector<RuleToken>, RuleTokenError> read();

private:
    QStringView rest() const { return m_text.sliced(m_at); }
    void add(Kind kind, const QString &text) { m_tokens.push_back({kind, text, m_line}); }
    bool takeString();
    bool takeEscape(QString &into);
    bool takeCode(qsizetype digits, int base, QString &into);
    bool problem(const QString &message);

    QStringView m_text;
    qsizetype m_at = 0;
    int m_line = 1;
    std::vector<RuleToken> m_tokens;
    RuleTokenError m_error;
};

bool Reader::problem(const QString &message)
{
    m_error = {m_line, message};
    return false;
}

std::expected<std::vector<RuleToken>, RuleTokenError> Reader::read()
{
    while (m_at < m_text.size()) {
        const QChar c = m_text[m_at];
        if (c == u'\n') {
            add(Kind::LineEnd, {});
            ++m_line;
            ++m_at;
        } else if (c.isSpace()) {
            ++m_at;
        } else if (c == u'#') {
            while (m_at < m_text.size() && m_text[m_at] != u'\n')
                ++m_at;
        } else if (QStringView(u"()[],=;").contains(c)) {
            add(Kind::Sign, c);
            ++m_at;
        } else if (c == u'"' || c == u'\'' || rest().startsWith(u"r\"") || rest().startsWith(u"r'")) {
            if (!takeString())
                return std::unexpected(m_error);
        } else if (beginsName(c)) {
            const qsizetype start = m_at;
            while (m_at < m_text.size() && goesOnName(m_text[m_at]))
                ++m_at;
            add(Kind::Name, m_text.sliced(start, m_at - start).toString());
        } else {
            problem(u"`%1` has no place in a rule"_s.arg(c));
            return std::unexpected(m_error);
        }
    }
    add(Kind::End, {});
    return std::move(m_tokens);
}

/// In one or three quotes of either kind; `r` in front of them takes backslashes as they are.
bool Reader::takeString()
{
    const int line = m_line;
    const bool raw = m_text[m_at] == u'r';
    m_at += raw ? 1 : 0;
    const QString one(m_text[m_at]);
    const bool isLong = rest().startsWith(one + one + one);
    const QString quote = isLong ? one + one + one : one;
    m_at += quote.size();
    QString text;
    while (m_at < m_text.size() && !rest().startsWith(quote)) {
        const QChar c = m_text[m_at];
        if (c == u'\n' && !isLong)
            break;
        m_line += c == u'\n' ? 1 : 0;
        ++m_at;
        if (c != u'\\') {
            text += c;
        } else if (raw && m_at < m_text.size()) {
            text += c;
            text += m_text[m_at++];
        } else if (!raw && !takeEscape(text)) {
            return false;
        }
    }
    if (!rest().startsWith(quote)) {
        m_line = line;
        return problem(u"a string without end"_s);
    }
    m_at += quote.size();
    m_tokens.push_back({Kind::String, text, line});
    return true;
}

bool Reader::takeEscape(QString &into)
{
    if (m_at == m_text.size())
        return problem(u"a string without end"_s);
    const QChar c = m_text[m_at++];
    static constexpr QStringView names = u"abfnrtv\\'\"";
    static constexpr QStringView values = u"\a\b\f\n\r\t\v\\'\"";
    if (const qsizetype place = names.indexOf(c); place >= 0) {
        into += values[place];
        return true;
    }
    if (c == u'\n') { // the line goes on
        ++m_line;
        return true;
    }
    if (c == u'x')
        return takeCode(2, 16, into);
    if (c == u'u')
        return takeCode(4, 16, into);
    if (c == u'U')
        return takeCode(8, 16, into);
    return problem(u"`\\%1` is no escape in a string"_s.arg(c));
}

bool Reader::takeCode(qsizetype digits, int base, QString &into)
{
    bool ok = false;
    const char32_t code = m_at + digits <= m_text.size() ? rest().first(digits).toUInt(&ok, base) : 0;
    if (!ok || code == 0 || code > 0x10FFFF)
        return problem(u"an escape in a string needs %1 hexadecimal digits of a character"_s.arg(digits));
    m_at += digits;
    into += QString::fromUcs4(&code, 1);
    return true;
}

} // namespace

std::expected<std::vector<RuleToken>, RuleTokenError> ruleTokens(QStringView text)
{
    return Reader(text).read();
}

} // namespace nightshift::config
