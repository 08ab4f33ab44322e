#pragma once
#include "domain/settings.h"

namespace nightshift::batch {

/// How long a rehearsed request waits for a server that refuses it: as good as an hour, for nobody is there.
constexpr std::chrono::milliseconds rehearsedWait{100};

/// What a drill makes of an item's settings: the built-in model answers, whatever they name; nothing is written but in
/// a tree of its own; MCP servers and notifications stay out of it; and patience is short. `defaults` are those of the
/// drill.
void rehearse(Settings &settings, const Settings &defaults);

} // namespace nightshift::batch
