#pragma once
#include "commands/script.h"
#include <QStringList>
#include <optional>

namespace nightshift::commands {

/// What a command runs in its turn: `sudo make` runs make, `sh -c 'a; b'` a script.
struct Wrapped
{
    SimpleCommand command; ///< Empty where there is none.
    std::optional<Word> script;
    bool operator==(const Wrapped &) const = default;
};

/// Looks into env, sudo, xargs, timeout, shells and their like; nothing for every other command. Options
/// that nobody knows are taken to have no value.
std::optional<Wrapped> wrappedBy(const SimpleCommand &command);

/// The script that an argv hands to a shell: of `bash -lc SCRIPT` the last word; null for other commands.
const QString *scriptOf(const QStringList &argv);

/// "git" of "/usr/bin/git".
QStringView baseName(QStringView program);

} // namespace nightshift::commands
