#pragma once
#include "commands/script.h"
#include <QStringList>
#include <optional>

namespace nightshift::commands {

/// What a command runs in its turn: `sudo make` runs make, `sh -c 'a; b'` a script.
struct Inside
{
    std::vector<SimpleCommand> commands;
    std::vector<Word> scripts; ///< Read by a shell.
    QStringList names;         ///< Texts in which a shell runs the substitutions: `a[$(x)]`.
    bool readsInput = false;   ///< A shell, whose script is what it is fed.
    /// Part of it, in words, which nobody can know before it runs and which may be anything.
    QString unknown;
    enum class Rest {
        Read,    ///< Nothing else is run.
        MayRun,  ///< The program is not known: its arguments may be commands or scripts.
        DoesRun, ///< Some of its arguments are, in a way that is not read in full.
    };
    Rest rest = Rest::Read;
    bool operator==(const Inside &) const = default;
};

/// Looks into env, sudo, xargs, timeout, shells and their like.
Inside insideOf(const SimpleCommand &command);

/// What git runs by its settings and subcommands: aliases, pagers, `rebase --exec`.
Inside insideOfGit(const SimpleCommand &command);

/// What a shell runs: `bash -O extglob -c 'a; b'`.
Inside insideOfShell(const SimpleCommand &command);

/// The script that an argv hands to a shell: of `bash -lc SCRIPT` the last word; null for other commands.
const QString *scriptOf(const QStringList &argv);

/// "git" of "/usr/bin/git".
QStringView baseName(QStringView program);

/// That of a command; empty where it is not known.
QString programOf(const SimpleCommand &command);

/// "A=b" and "PATH=": NAME=value.
bool isAssignment(const QString &word);

/// A file that is no script on disk, but what another program says: `/dev/stdin`, `<(…)`.
bool isFed(const Word &file);

} // namespace nightshift::commands
