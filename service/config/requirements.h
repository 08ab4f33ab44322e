#pragma once
#include "config/loadsettings.h"

namespace nightshift::config {

/// What requirements.toml of the machine allows: a sandbox or approval policy outside it falls back to the
/// nearest one inside, with a notice; --yolo against it is an error, as is a file that is no TOML.
Result<> applyRequirements(const LoadOptions &options, Settings &settings);

} // namespace nightshift::config
