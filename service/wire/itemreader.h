#pragma once
#include "base/jsonreader.h"
#include "domain/event.h"

namespace nightshift::wire {

/// What the reference's newer logs tell of a whole item in one line: {"type":"CommandExecution","id",…}. Absent for
/// items that are no event of ours. Source: logs of codex-cli 0.169.
std::optional<Event> fromItem(JsonView item);

/// The event that begins what this one ends; such logs leave it out.
std::optional<Event> beginningOf(const Event &ending);

} // namespace nightshift::wire
