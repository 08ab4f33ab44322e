#pragma once
#include "app/commandline.h"

namespace nightshift::app {

/// `nightshift sessions`: hands what stands behind it to the command that it names; the exit code.
int runSessions(const SessionsOptions &options);

/// One of its commands, as help and the manual page show it.
struct SessionsWord
{
    QString name;
    QString usage; ///< What follows the name; may be empty.
    QString help;
};
std::vector<SessionsWord> sessionsWords();

} // namespace nightshift::app
