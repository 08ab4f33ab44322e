#include "words.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::bash {

namespace {

/// The number at the start of `text`, of at most `most` digits, which are cut off.
std::optional<uint> takeNumber(QByteArrayView &text, qsizetype most, int base)
{
    qsizetype digits = 0;
    while (digits < std::min(most, text.size()) &&
           (base == 16 ? std::isxdigit(uchar(text[digits])) != 0 : text[digits] >= '0' && text[digits] <= '7'))
        ++digits;
    bool ok = false;
    const uint number = text.first(digits).toUInt(&ok, base);
    text = text.sliced(digits);
    return ok ? std::optional(number) : std::nullopt;
}

/// The meaning of what follows a backslash, which is cut off; nothing where it is none that we read.
std::optional<QByteArray> takeEscape(QByteArrayView &text)
{
    static constexpr QByteArrayView names = "abeEfnrtv\\'\"?";
    static constexpr QByteArrayView values = "\a\b\033\033\f\n\r\t\v\\'\"?";
    const char c = text.front();
    if (const qsizetype at = names.indexOf(c); at >= 0) {
        text = text.sliced(1);
        return QByteArray(1, values[at]);
    }
    const bool octal = c >= '0' && c <= '7';
    if (!octal && c != 'x' && c != 'u' && c != 'U')
        return std::nullopt;
    text = text.sliced(octal ? 0 : 1);
    const auto number = takeNumber(text, octal ? 3 : c == 'x' ? 2 : c == 'u' ? 4 : 8, octal ? 8 : 16);
    if (!number || *number == 0) // NUL ends the text
        return std::nullopt;
    if (octal || c == 'x')
        return QByteArray(1, char(*number));
    const char32_t code = *number;
    return *number <= 0x10FFFF ? std::optional(QString::fromUcs4(&code, 1).toUtf8()) : std::nullopt;
}

bool isNameCharacter(char c)
{
    return c == '_' || std::isalnum(uchar(c));
}

} // namespace

QString unescaped(QByteArrayView text, bool inQuotes)
{
    QByteArray plain;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const bool escape =
            text[i] == '\\' && i + 1 < text.size() && (!inQuotes || QByteArrayView("\"\\$`\n").contains(text[i + 1]));
        if (!escape)
            plain += text[i];
        else if (text[++i] != '\n')
            plain += text[i];
    }
    return QString::fromUtf8(plain);
}

std::optional<QString> ansiText(QByteArrayView text)
{
    QByteArray plain;
    while (!text.isEmpty()) {
        const char c = text.front();
        text = text.sliced(1);
        if (c != '\\' || text.isEmpty()) {
            plain += c;
            continue;
        }
        const auto escape = takeEscape(text);
        if (!escape)
            return std::nullopt;
        plain += *escape;
    }
    return QString::fromUtf8(plain);
}

QByteArray betweenBackquotes(QByteArrayView text, bool inQuotes)
{
    QByteArray plain;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() &&
            (QByteArrayView("`$\\").contains(text[i + 1]) || (inQuotes && text[i + 1] == '"')))
            ++i;
        plain += text[i];
    }
    return plain;
}

bool hasAlternatives(QByteArrayView text)
{
    return text.contains('{') && (text.contains(',') || text.contains(".."));
}

bool expands(QByteArrayView text)
{
    if (hasAlternatives(text))
        return true;
    if (text.startsWith('~'))
        return true;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (QByteArrayView("*?[").contains(text[i]) || (text[i] == '$' && i + 1 < text.size()))
            return true;
    }
    return false;
}

QString endingOf(QByteArrayView text)
{
    const bool quoted = text.size() > 2 && text.startsWith('"') && text.endsWith('"');
    if (quoted)
        text = text.sliced(1).chopped(1);
    const bool home =
        text.startsWith("~/") || text.startsWith("$HOME/") || text.startsWith("${HOME}/") || text.startsWith("$PWD/");
    const qsizetype slash = text.lastIndexOf('/');
    if (slash < 0 || !(quoted || home))
        return {};
    const QByteArrayView start = text.first(slash);
    const QByteArrayView ending = text.sliced(slash + 1);
    const auto isPlain = [](char c) { return isNameCharacter(c) || QByteArrayView("-+.").contains(c); };
    const auto isPath = [&](char c) { return isPlain(c) || QByteArrayView("/$~{}").contains(c); };
    const bool known = !ending.isEmpty() && std::ranges::all_of(ending, isPlain) &&
                       std::ranges::all_of(start, isPath) &&
                       (quoted || start.count('$') == (start.startsWith('$') ? 1 : 0));
    return known ? QString::fromUtf8(ending) : QString();
}

} // namespace nightshift::bash
