#pragma once
#include "app/commandline.h"
#include "base/showntext.h"

namespace nightshift::app {

/// What decides about colour beside --color.
struct ColorHints
{
    bool isTerminal = false;
    QByteArray forceColor; ///< FORCE_COLOR
    QByteArray noColor;    ///< NO_COLOR, see https://no-color.org
    QByteArray term;       ///< TERM
};

/// The hints of this process for the stream `fd`.
ColorHints colorHints(int fd);

/// Whether lines on the stream `fd` can be drawn over: a terminal that knows how.
bool isLiveTerminal(int fd);

/// How many characters a line of the terminal `fd` holds; 0 when it is none, or does not say.
int columnsOf(int fd);

/// At most `room` characters of the text, the last an ellipsis where some are missing; all of it when `room` is 0.
QString elided(const QString &text, qsizetype room);

/// --color decides; in auto FORCE_COLOR, then NO_COLOR, then whether somebody is watching.
bool wantsColor(ColorMode mode, const ColorHints &hints);

/// 1,234,567
QString grouped(qint64 number);

enum class Style { Bold, Dim, Italic, Red, Green, Cyan, Warning, Error, Actor };

/// `text` in a style, or as it is when colour is off.
QString styled(QStringView text, Style style, bool color);

} // namespace nightshift::app
