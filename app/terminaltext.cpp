#include "terminaltext.h"
#include <algorithm>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

constexpr QChar escape = u'\x1b';

bool isControl(QChar c)
{
    return c < u' ' || (c >= u'\x7f' && c <= u'\x9f');
}

/// The length of the escape sequence at the start of `text`, which begins with ESC.
/// Source: ECMA-48, sections 5.4 (control sequences) and 5.6 (control strings).
qsizetype sequenceLength(QStringView text)
{
    if (text.size() < 2 || isControl(text[1]))
        return 1;
    const QChar kind = text[1];
    qsizetype at = 2;
    if (kind == u'[') {
        while (at < text.size() && text[at] >= u' ' && text[at] <= u'?')
            ++at;
        return at < text.size() && text[at] >= u'@' && text[at] <= u'~' ? at + 1 : at;
    }
    if (kind == u']' || kind == u'P' || kind == u'X' || kind == u'^' || kind == u'_') {
        while (at < text.size() && !isControl(text[at]))
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

QLatin1StringView codes(Style style)
{
    switch (style) {
    case Style::Bold:
        return "1"_L1;
    case Style::Dim:
        return "2"_L1;
    case Style::Italic:
        return "3"_L1;
    case Style::Red:
        return "31"_L1;
    case Style::Green:
        return "32"_L1;
    case Style::Cyan:
        return "36"_L1;
    case Style::Warning:
        return "1;33"_L1;
    case Style::Error:
        return "1;31"_L1;
    case Style::Actor:
        return "3;35"_L1;
    }
    Q_UNREACHABLE_RETURN({});
}

} // namespace

ColorHints colorHints(int fd)
{
    return {.isTerminal = isatty(fd) == 1,
            .forceColor = qgetenv("FORCE_COLOR"),
            .noColor = qgetenv("NO_COLOR"),
            .term = qgetenv("TERM")};
}

bool isLiveTerminal(int fd)
{
    const QByteArray term = qgetenv("TERM");
    return isatty(fd) == 1 && !term.isEmpty() && term != "dumb";
}

int columnsOf(int fd)
{
    winsize size{};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

QString elided(const QString &text, qsizetype room)
{
    return room == 0 || text.size() <= room ? text : text.first(room - 1) + u'…';
}

bool wantsColor(ColorMode mode, const ColorHints &hints)
{
    if (mode != ColorMode::Auto)
        return mode == ColorMode::Always;
    if (!hints.forceColor.isEmpty())
        return hints.forceColor != "0" && hints.forceColor != "false";
    return hints.noColor.isEmpty() && hints.isTerminal && hints.term != "dumb";
}

QString grouped(qint64 number)
{
    QString digits = QString::number(number);
    for (qsizetype at = digits.size() - 3; at > 0; at -= 3)
        digits.insert(at, u',');
    return digits;
}

QString styled(QStringView text, Style style, bool color)
{
    if (!color)
        return text.toString();
    return "\x1b[%1m%2\x1b[0m"_L1.arg(codes(style), text);
}

QString printable(QStringView text, Colors colors)
{
    if (std::ranges::none_of(text, [](QChar c) { return isControl(c) && c != u'\n' && c != u'\t'; }))
        return text.toString();
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
        } else if (!isControl(c) || c == u'\n' || c == u'\t') {
            clean += c;
        }
        ++at;
    }
    return isStyled ? clean + "\x1b[0m"_L1 : clean;
}

} // namespace nightshift::app
