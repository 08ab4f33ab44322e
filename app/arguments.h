#pragma once
#include "app/options.h"
#include <QStringList>
#include <expected>
#include <vector>

namespace nightshift::app {

/// Why a command line cannot be obeyed.
struct UsageError
{
    QString message;  ///< The whole text for stderr, without a last line end.
    int exitCode = 2; ///< 1 where the words are fine but do not make a task.
    bool operator==(const UsageError &) const = default;
};

/// The words of a command line, sorted but not yet understood.
struct Arguments
{
    struct Given
    {
        Option option = Option::Help;
        Command place = Command::Outer;
        QString value; ///< Empty for options without one.
        bool operator==(const Given &) const = default;
    };
    struct Word
    {
        Command place = Command::Outer;
        QString text;
        bool operator==(const Word &) const = default;
    };

    Command command = Command::Outer; ///< The innermost one named.
    std::vector<Given> given;         ///< In the order written.
    std::vector<Word> words;          ///< The positional ones.
    bool operator==(const Arguments &) const = default;
};

/// Checks every word by itself against the tables: names, places, values, repetition.
/// --help and --version end the reading at once: the words before them were fine.
std::expected<Arguments, UsageError> readArguments(const QStringList &words);

/// The program's arguments without its own name; what is not UTF-8 is refused.
std::expected<QStringList, UsageError> argumentWords(int argc, const char *const *argv);

/// A usage error in the usual frame: "error: …", the command's usage lines, where to find help.
UsageError usageError(const QString &sentence, Command command);

} // namespace nightshift::app
