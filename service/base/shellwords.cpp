#include "shellwords.h"
#include <utility>

namespace nightshift {

namespace {

// The three ways to write a character; as flags, so that a run of characters can share one.
enum Quoting { Bare = 1, Single = 2, Double = 4 };

bool isOneOf(QChar c, QStringView set)
{
    return set.contains(c);
}

int quotingsOf(QChar c)
{
    const bool alphanumeric = c < u'\x80' && c.isLetterOrNumber();
    int ok = 0;
    if (alphanumeric || isOneOf(c, u"+-./:@]_"))
        ok |= Bare;
    if (!isOneOf(c, u"'\\^")) // a backslash is no escape in sh's single quotes, but is one in fish's
        ok |= Single;
    if (!isOneOf(c, u"`$!^")) // an exclamation mark in double quotes is history expansion in bash
        ok |= Double;
    return ok;
}

QString written(QStringView run, int quotings)
{
    if (quotings & Bare)
        return run.toString();
    if (quotings & Single)
        return u'\'' + run.toString() + u'\'';
    QString text;
    for (const QChar c : run) {
        if (isOneOf(c, u"\"\\"))
            text += u'\\';
        text += c;
    }
    return u'"' + text + u'"';
}

/// Cuts the word into the longest runs that one kind of quotes can hold: `a'b$c` becomes `"a'b"'$c'`.
/// Clients compare the result with what the reference prints, hence exactly its choice of quotes.
QString quoted(QStringView word)
{
    if (word.isEmpty())
        return QStringLiteral("''");
    QString text;
    while (!word.isEmpty()) {
        const bool caret = word.front() == u'^'; // only at the start of a run, and only in single quotes
        int quotings = caret ? int(Single) : Bare | Single | Double;
        qsizetype end = caret ? 1 : 0;
        for (; end < word.size() && (quotings & quotingsOf(word[end])); ++end)
            quotings &= quotingsOf(word[end]);
        text += written(word.first(end), quotings);
        word = word.sliced(end);
    }
    return text;
}

} // namespace

QString shellQuoted(const QStringList &words)
{
    QStringList parts;
    for (const QString &word : words)
        parts += quoted(word);
    return parts.join(u' ');
}

std::optional<QStringList> shellSplit(QStringView line)
{
    QStringList words;
    bool inWord = false;
    QChar quote; // that is open; null outside
    for (qsizetype at = 0; at < line.size(); ++at) {
        const QChar c = line[at];
        if (quote.isNull() && c.isSpace()) {
            inWord = false;
            continue;
        }
        if (!std::exchange(inWord, true))
            words += QString();
        const bool escape = c == u'\\' && quote != u'\'' && at + 1 < line.size();
        if (escape && (quote.isNull() || isOneOf(line[at + 1], u"\"\\$`")))
            words.last() += line[++at];
        else if (c == quote)
            quote = QChar();
        else if (quote.isNull() && isOneOf(c, u"'\""))
            quote = c;
        else
            words.last() += c;
    }
    return quote.isNull() ? std::optional(words) : std::nullopt;
}

} // namespace nightshift
