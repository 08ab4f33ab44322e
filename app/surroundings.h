#pragma once
#include "app/settingflags.h"
#include "engine/surroundings.h"

namespace nightshift::app {

/// This process, for sessions that modules of ours run.
engine::Surroundings surroundings(const SettingFlags &flags);

} // namespace nightshift::app
