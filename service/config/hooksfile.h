#pragma once
#include "base/result.h"
#include "config/value.h"

namespace nightshift::config {

/// The hooks of a layer that stand in a file of their own, as entries `hooks.EVENT`: {"hooks": {"PreToolUse": […]}}.
/// Nothing when the file does not exist; the error names it. Source: https://developers.openai.com/codex/hooks
Result<std::vector<Entry>> readHooksFile(const QString &path, LayerKind layer);

/// Whether an entry is one of these, wherever it was written.
bool isHooks(const Entry &entry);

} // namespace nightshift::config
