#pragma once
#include "commands/script.h"
#include <QByteArrayView>
#include <optional>

namespace nightshift::bash {

/// What stays of a bare or double-quoted text; a backslash takes the meaning from what follows.
QString unescaped(QByteArrayView text, bool inQuotes);

/// What $'text' stands for; nothing where it names characters in a way that we do not read.
std::optional<QString> ansiText(QByteArrayView text);

/// What the shell runs between backquotes: a backslash in front of a backquote, a dollar or another one goes away.
QByteArray betweenBackquotes(QByteArrayView text, bool inQuotes);

/// Whether braces stand for several words: `a{b,c}`, `{1..3}`. Else they stand for themselves.
bool hasAlternatives(QByteArrayView text);

/// Whether the shell makes something else of a bare word: names of files, a home, alternatives.
bool expands(QByteArrayView text);

/// What a word surely ends with, from its last slash, when only its beginning is unknown: "uv" of ~/bin/uv or
/// "$HOME/bin/uv". Empty where the shell may split the word, or where more than that is unknown.
QString endingOf(QByteArrayView text);

} // namespace nightshift::bash
