#pragma once
#include "config/loadsettings.h"

namespace nightshift::config {

/// `config show`: every value as a line of TOML, with where it comes from; secrets are not shown.
QString describeSettings(const LoadedSettings &loaded);

/// The reference page: every key with its type, default and help, as a table in Markdown.
QString describeKeys();

} // namespace nightshift::config
