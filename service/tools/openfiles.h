#pragma once

namespace nightshift::tools {

/// Lets this process have as many files open as it may at most: a service has some for each session that works.
void raiseOpenFiles();
/// What we were started with, for a child that is about to become another program; many look at every number up to
/// the limit. System calls only.
void restoreOpenFiles();

} // namespace nightshift::tools
