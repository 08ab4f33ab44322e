#pragma once
#include "domain/settings.h"

namespace nightshift::config {

/// What the people of a project and the user tell every model.
struct ProjectInstructions
{
    QString text;        ///< The part of the first user message; empty when there is nothing.
    QStringList notices; ///< What was cut or left out for the budget.
    bool operator==(const ProjectInstructions &) const = default;
};

/// The user's AGENTS.md of the home, then the project's from its root down to the working folder, which share
/// projectDocMaxBytes. In each folder AGENTS.override.md beats AGENTS.md beats the fallback names; blank files
/// count as absent.
ProjectInstructions readInstructions(const Settings &settings);

/// The same for a folder that the model touches later, of its own file alone, at most projectDocMaxBytes of it; empty
/// when there is none.
QString folderInstructions(const Settings &settings, const QString &folder);

/// The one instructions file of a folder by the same rules; empty when there is none. One that a link leads out of a
/// project which is not trusted counts as none, and is named on stderr.
QString instructionsFile(const Settings &settings, const QString &folder);

} // namespace nightshift::config
