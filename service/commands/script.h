#pragma once
#include <QString>
#include <functional>
#include <vector>

namespace nightshift::commands {

/// One word of a command. Where only the shell can tell what it will be, or how many words, it is not
/// literal, and `text` is as written.
struct Word
{
    QString text;
    bool literal = true;
    bool operator==(const Word &) const = default;
};

using SimpleCommand = std::vector<Word>; ///< A program and its arguments; no assignments, no redirections.

/// What a shell script would run, as far as the script tells.
struct Script
{
    bool understood = false; ///< It is a script, all of it. Else `commands` may lack some.
    /// Nothing but literal commands, joined by && || | ; or line ends: what they do, the script does.
    bool plain = false;
    bool pipes = false;                  ///< A command reads what another one writes.
    std::vector<SimpleCommand> commands; ///< In written order; also those in substitutions, loops, functions.
    bool operator==(const Script &) const = default;
};

/// Reads a script of bash or sh. A function, because the parser behind it is dear to load.
using ParseScript = std::function<Script(const QString &text)>;

/// The function that the module `nightshift-bash` exports.
using ParseFunction = void(const QString &text, Script &script);
constexpr const char *parseSymbol = "nightshiftParseScript";

/// For whose sake the module is loaded when a script is first parsed. Where it cannot be loaded, no script
/// is understood.
ParseScript fromModule(const QString &modulePath);

} // namespace nightshift::commands
