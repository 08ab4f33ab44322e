#pragma once
#include "base/jsonreader.h"
#include "domain/settings.h"
#include <chrono>

namespace nightshift::mcp {

/// A server's result as a model is told it: the wall time, then the parts, or the structured content alone. Text is
/// cut to `tokens`, images are shown to models that see them.
RawJson replyOf(const RawJson &result, std::chrono::microseconds wallTime, const ModelInfo &model, qint64 tokens);

/// Words of ours in the same form.
RawJson wordsReply(const QString &words, std::chrono::microseconds wallTime, qint64 tokens);

/// The result as events show it: as it came, but sound, which nobody there can hear, as a remark.
RawJson shownResult(const RawJson &result);

} // namespace nightshift::mcp
