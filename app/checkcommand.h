#pragma once
#include "app/commandline.h"
#include "app/settingflags.h"

namespace nightshift::app {

/// What `config check-command` says: the verdict's sentence, and whether the command would run.
struct CheckedCommand
{
    QString sentence;
    bool mayRun = false;
};
std::expected<CheckedCommand, StartError> checkCommand(const CheckCommandOptions &options);

} // namespace nightshift::app
