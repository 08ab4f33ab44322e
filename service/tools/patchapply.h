#pragma once
#include "tools/patch.h"

namespace nightshift::tools {

/// The text of a file after an update. Chunks must come in the file's order. Lines that the patch keeps
/// stay as the file has them, to the byte; new lines end as the file's first line does, and so does the
/// last line. `path` is for the error, which shows the nearest place when a chunk fits nowhere.
Result<QString> applyChunks(const QString &text, const std::vector<PatchChunk> &chunks, const QString &path);

} // namespace nightshift::tools
