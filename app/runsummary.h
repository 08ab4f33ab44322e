#pragma once
#include "domain/event.h"
#include <utility>

namespace nightshift::app {

using SummaryRow = std::pair<QString, QString>;

/// What a run works with, as the head of the progress on stderr shows it.
std::vector<SummaryRow> runSummary(const SessionStarted &session);

} // namespace nightshift::app
