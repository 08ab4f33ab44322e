#pragma once
#include "domain/conversation.h"
#include <span>

namespace nightshift::engine {

/// About four bytes each; an image counts as one, not by the length of its text.
qint64 estimatedTokens(std::span<const HistoryItem> items);

/// How much of the model's context the conversation takes: what the server counted with its last answer, and
/// an estimate of what came since.
class ContextGauge
{
public:
    /// The history's first `items` take `tokens` by the server's count, which includes its tools.
    void measure(qint64 tokens, size_t items);
    /// Everything is estimated until the next measure().
    void reset() { *this = {}; }
    qint64 tokens(const History &history) const;

private:
    qint64 m_tokens = 0;
    size_t m_items = 0;
};

} // namespace nightshift::engine
