#include "base/showntext.h"
#include <QRegularExpression>
#include <QStringDecoder>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift {

namespace {

constexpr QChar escape = u'\x1b';

bool isControl(char32_t c)
{
    return c < U' ' || (c >= U'\x7f' && c <= U'\x9f');
}

/// The length of the escape sequence at the start of `text`, which begins with ESC.
/// Source: ECMA-48, sections 5.4 (control sequences) and 5.6 (control strings).
qsizetype sequenceLength(QStringView text)
{
    if (text.size() < 2 || isControl(text[1].unicode()))
        return 1;
    const QChar kind = text[1];
    qsizetype at = 2;
    if (kind == u'[') {
        while (at < text.size() && text[at] >= u' ' && text[at] <= u'?')
            ++at;
        return at < text.size() && text[at] >= u'@' && text[at] <= u'~' ? at + 1 : at;
    }
    if (kind == u']' || kind == u'P' || kind == u'X' || kind == u'^' || kind == u'_') {
        while (at < text.size() && !isControl(text[at].unicode()))
            ++at;
        if (text.sliced(at).startsWith(u'\a'))
            return at + 1;
        return text.sliced(at).startsWith(u"\x1b\\") ? at + 2 : 2; // one without an end hides no text
    }
    while (at - 1 < text.size() && text[at - 1] >= u' ' && text[at - 1] <= u'/')
        ++at; // intermediate bytes, as in ESC ( B
    return std::min(at, text.size());
}

/// Colours and weights: ESC [ numbers m.
bool isStyling(QStringView sequence)
{
    if (!sequence.startsWith(u"\x1b[") || !sequence.endsWith(u'm'))
        return false;
    return std::ranges::all_of(sequence.sliced(2).chopped(1),
                               [](QChar c) { return (c >= u'0' && c <= u'9') || c == u';' || c == u':'; });
}

QString withoutControls(QStringView text, Colors colors)
{
    QString clean;
    clean.reserve(text.size());
    bool isStyled = false;
    for (qsizetype at = 0; at < text.size();) {
        const QChar c = text[at];
        if (c == escape) {
            const QStringView sequence = text.sliced(at, sequenceLength(text.sliced(at)));
            if (colors == Colors::Keep && isStyling(sequence)) {
                clean += sequence;
                isStyled = true;
            }
            at += sequence.size();
            continue;
        }
        if (c == u'\r') {
            if (at + 1 == text.size() || text[at + 1] != u'\n')
                clean += u'\n';
        } else if (!isControl(c.unicode()) || c == u'\n' || c == u'\t') {
            clean += c;
        }
        ++at;
    }
    return isStyled ? clean + "\x1b[0m"_L1 : clean;
}

/// Calls `visit` with every character and its one or two units; a lone surrogate is a character of its own.
template <typename Visit>
void eachCharacter(QStringView text, Visit visit)
{
    for (qsizetype at = 0; at < text.size();) {
        const bool isPair = at + 1 < text.size() && text[at].isHighSurrogate() && text[at + 1].isLowSurrogate();
        const char32_t c = isPair ? QChar::surrogateToUcs4(text[at], text[at + 1]) : char32_t(text[at].unicode());
        visit(c, text.sliced(at, isPair ? 2 : 1));
        at += isPair ? 2 : 1;
    }
}

/// Every character that `isHidden` names as <U+200B>.
template <typename IsHidden>
QString spelledOut(const QString &text, IsHidden isHidden)
{
    QString shown;
    eachCharacter(text, [&](char32_t c, QStringView units) {
        if (isHidden(c))
            shown += u"<U+%1>"_s.arg(QString::number(c, 16).toUpper().rightJustified(4, u'0'));
        else
            shown += units;
    });
    return shown;
}

/// What most texts hold none of, so that they need no closer look.
bool isPlain(QChar c)
{
    const char16_t unit = c.unicode();
    return (unit >= u' ' && unit < u'\x7f') || unit == u'\n' || unit == u'\t' ||
           (unit > u'\x9f' && unit < u'\x300' && unit != u'\xad');
}

} // namespace

bool isDeceptive(char32_t c, bool all)
{
    struct Range
    {
        char32_t first, last;
        bool isNeeded; ///< By a language, or by emoji.
    };
    static constexpr Range ranges[] = {
        {0x00ad, 0x00ad, true},    // soft hyphen
        {0x034f, 0x034f, true},    // grapheme joiner
        {0x061c, 0x061c, true},    // Arabic letter mark
        {0x115f, 0x1160, true},    // Hangul fillers
        {0x17b4, 0x17b5, true},    // Khmer vowels without a shape
        {0x180b, 0x180f, true},    // Mongolian selectors
        {0x200b, 0x200b, false},   // zero width space
        {0x200c, 0x200f, true},    // joiners and direction marks
        {0x2028, 0x2029, false},   // line and paragraph separator
        {0x202a, 0x202e, false},   // embeddings and overrides
        {0x2060, 0x2064, false},   // word joiner, invisible operators
        {0x2065, 0x206f, false},   // isolates, deprecated formats
        {0x3164, 0x3164, true},    // Hangul filler
        {0xfe00, 0xfe0f, true},    // variation selectors
        {0xfeff, 0xfeff, false},   // byte order mark
        {0xffa0, 0xffa0, true},    // Hangul filler
        {0xfff0, 0xfffb, false},   // annotations
        {0x1bca0, 0x1bca3, false}, // shorthand formats
        {0x1d173, 0x1d17a, false}, // musical formats
        {0xe0000, 0xe0fff, false}, // tags, selectors
    };
    return std::ranges::any_of(ranges, [c, all](const Range &range) {
        return c >= range.first && c <= range.last && (all || !range.isNeeded);
    });
}

QString printable(QStringView text, Colors colors)
{
    QString shown = text.toString();
    if (!std::ranges::all_of(text, isPlain)) {
        if (std::ranges::any_of(text, [](QChar c) { return isControl(c.unicode()) && c != u'\n' && c != u'\t'; }))
            shown = withoutControls(text, colors);
        shown = spelledOut(shown, [](char32_t c) { return isDeceptive(c, false); });
    }
    return guarded(shown, runner());
}

QString revealed(QStringView text)
{
    QString shown = text.toString();
    if (!std::ranges::all_of(text, isPlain))
        shown = spelledOut(
            shown, [](char32_t c) { return isDeceptive(c, true) || (isControl(c) && c != U'\n' && c != U'\t'); });
    return guarded(shown, runner());
}

const Runner &runner()
{
    static const Runner found = runnerOf([](const char *name) { return !qEnvironmentVariableIsEmpty(name); });
    return found;
}

QString guarded(const QString &text, const Runner &runner)
{
    // A runner takes blanks away before it looks for a command, and some readers end lines where others do not.
    static const QRegularExpression command(
        uR"((^|[\n\r\x0b\x0c\x1c-\x1e\x85\x{2028}\x{2029}])(?=[\t\p{Zs}\x00-\x08\x0e-\x1b\x1f\x{feff}]*(::|#{2,}\w*\[|section_(start|end):|travis_(fold|time):)))"_s);
    static const QRegularExpression group(uR"((^|[\n\r])(?=[ \t]*(---|\+\+\+|~~~|\^\^\^)))"_s);
    static const QRegularExpression mark(uR"((##\w*(?=\[)|section_(?:start|end)(?=:)))"_s);
    if (!runner.isThere)
        return text;
    QString safe = text;
    if (text.contains("::"_L1) || text.contains("##"_L1) || text.contains("section_"_L1) || text.contains("travis_"_L1))
        safe.replace(command, u"\\1| "_s).replace(mark, u"\\1 "_s);
    if (runner.groupsByDashes)
        safe.replace(group, u"\\1| "_s);
    return safe;
}

QByteArray guarded(const QByteArray &utf8, const Runner &runner)
{
    if (!runner.isThere || !utf8.isValidUtf8())
        return utf8;
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom);
    const QString text = decoder.decode(utf8), safe = guarded(text, runner);
    return safe == text ? utf8 : safe.toUtf8();
}

QByteArray shownJson(const QByteArray &json, Reader reader, const Runner &runner)
{
    QByteArray shown = json;
    if (runner.isThere) {
        // Within JSON two of them stand in a string.
        for (qsizetype at = shown.indexOf("##"); at >= 0; at = shown.indexOf("##", at)) {
            shown.replace(at + 1, 1, "\\u0023");
            at += 7;
        }
    }
    const QString text = reader == Reader::Terminal ? QString::fromUtf8(shown) : QString();
    if (std::ranges::all_of(text, isPlain))
        return shown;
    QString escaped;
    eachCharacter(text, [&](char32_t c, QStringView units) {
        if (c < U'\x7f' || !(isControl(c) || isDeceptive(c, false)))
            escaped += units;
        else
            for (const QChar unit : units)
                escaped += u"\\u%1"_s.arg(QString::number(unit.unicode(), 16).rightJustified(4, u'0'));
    });
    return escaped.toUtf8();
}

} // namespace nightshift
