#pragma once
#include <QStringList>
#include <functional>

namespace nightshift::tools {

/// Our own files and folders, as contained commands see them: no keys, no tokens and sockets of the service, no logs
/// and trees of other sessions.
struct OwnPlaces
{
    QStringList hidden; ///< Absolute and without links; some may be missing yet.
    QStringList shown;  ///< Inside of hidden ones, and readable all the same.
    bool operator==(const OwnPlaces &) const = default;
};

/// The value of an environment variable; empty when it is not set.
using Variable = std::function<QString(const char *name)>;

/// Where a process with these variables, started in `cwd`, keeps settings, sessions and the service's files.
QStringList ownFolders(const Variable &variable, const QString &cwd);

/// Divides `folders` for commands that work in `workplaces` and need the programs `needed`. A folder is hidden whole,
/// so that what is added to it later is hidden, too; one that also holds what is not ours loses only our own names.
OwnPlaces divide(const QStringList &folders, const QStringList &workplaces, const QStringList &needed);

/// The places of this process, of the user's standard folders, and of every nightshift that runs on this machine.
OwnPlaces ownPlaces(const QStringList &workplaces, const QStringList &needed);

/// The parts of hidden folders that hold the programs and files among `words`, as far as commands may see them at all.
QStringList neededParts(const QStringList &hidden, const QStringList &words);

/// Hides these, too, from commands of this process and of those that it starts from now on.
void alsoHide(const QStringList &paths);

} // namespace nightshift::tools
