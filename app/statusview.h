#pragma once
#include "app/runview.h"

namespace nightshift::app {

/// Another view, and below what it prints one line on stderr, which must be a terminal, that says what runs, for
/// how long, and what it took so far. The line is drawn over, and gone at the end.
std::unique_ptr<RunView> withStatusLine(std::unique_ptr<RunView> view, bool color);

} // namespace nightshift::app
