#include "terminaltext.h"
#include <sys/ioctl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

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

} // namespace nightshift::app
