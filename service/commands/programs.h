#pragma once
#include "commands/options.h"

namespace nightshift::commands {

/// A program that runs the command which its operands are, and whose options we know all of.
struct Wrapper
{
    QLatin1StringView name;
    Options options;
    int operands = 0;                 ///< Words between options and command: the duration of timeout.
    bool assignments = false;         ///< NAME=value may stand there, too.
    QLatin1StringView otherwise = {}; ///< Options with which it runs nothing, between blanks.
    bool shell = false;               ///< Without a command it starts a shell.
};

const Wrapper *wrapperNamed(QStringView name);

bool isShell(QStringView name);

/// Whether its business is to run what its arguments say, in ways that we do not read in full.
bool runsArguments(QStringView name);

/// Whether it does nothing with these arguments but take them as data. A program that is not listed may run them.
bool takesData(const SimpleCommand &command);

/// Builtins that read an argument as the name of a variable and run what stands in its subscript.
bool evaluatesNames(QStringView name);

/// Whether the value of an environment variable is run as a command by those who know it: GIT_PAGER.
bool isCommandVariable(QStringView name);

} // namespace nightshift::commands
