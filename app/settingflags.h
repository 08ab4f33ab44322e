#pragma once
#include "app/commandline.h"
#include "config/loadsettings.h"

namespace nightshift::app {

/// Why a command ends before it began, and its exit code.
struct StartError
{
    QString message; ///< One sentence for stderr.
    int exitCode = 1;
};

/// What the flags and this process's environment ask of loading.
config::LoadOptions loadOptions(const SettingFlags &flags);

/// The settings that the flags, this process's environment and the files add up to.
std::expected<config::LoadedSettings, StartError> loadSettings(const SettingFlags &flags);

} // namespace nightshift::app
