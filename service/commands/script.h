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
    QString ending = {}; ///< Of a word that is not literal: what surely follows its last slash, if that is known.
    bool operator==(const Word &) const = default;
};

using SimpleCommand = std::vector<Word>; ///< A program and its arguments; no assignments, no redirections.

/// A text that stands outside the commands: what is assigned, looped over, compared or fed to a loop.
struct Value
{
    QString name; ///< The variable's, if it is assigned.
    Word word;
    bool forCommand = false; ///< Written in front of a command, which finds it in its environment.
    bool operator==(const Value &) const = default;
};

/// What a here-document or a here-string feeds to a command.
struct Input
{
    std::size_t command = 0; ///< Its place in Script::commands.
    Word text;
    bool operator==(const Input &) const = default;
};

/// What a shell script would run, as far as the script tells.
struct Script
{
    bool understood = false; ///< It is a script, all of it. Else `commands` may lack some.
    QString problem;         ///< Which part of it is not understood, in words.
    /// Nothing but literal commands, joined by && || | ; or line ends: what they do, the script does.
    bool plain = false;
    bool pipes = false;                  ///< A command reads what another one writes.
    bool calculates = false;             ///< Arithmetic, which runs substitutions that stand in variables.
    std::vector<SimpleCommand> commands; ///< In written order; also those in substitutions, loops, functions.
    /// Which of them a pipeline joins: from the one place up to the other.
    std::vector<std::pair<std::size_t, std::size_t>> pipelines;
    std::vector<Value> values;
    std::vector<Input> inputs;
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
