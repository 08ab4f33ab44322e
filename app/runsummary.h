#pragma once
#include "domain/settings.h"
#include <utility>

namespace nightshift::app {

using SummaryRow = std::pair<QString, QString>;

/// What a run works with, as the head of the progress on stderr shows it (and the older protocol's first line).
std::vector<SummaryRow> runSummary(const Settings &settings);

/// "workspace-write [workdir, /tmp, $TMPDIR, /extra] (network access enabled)"
QString sandboxSummary(const SandboxPolicy &policy);

} // namespace nightshift::app
