#pragma once
#include <QString>
#include <tree_sitter/api.h>

namespace nightshift::bash {

/// Where the grammar took the text otherwise than a shell does, in words; empty where each token is what it is said to
/// be and nothing but blanks lies between them. The grammar forgives much: it takes what it does not know for a
/// gap, and a backslash at a line's end for the end of a word.
QString problemOf(TSNode root, const QByteArray &text);

} // namespace nightshift::bash
