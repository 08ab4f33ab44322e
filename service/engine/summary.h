#pragma once
#include "domain/settings.h"
#include <span>

namespace nightshift::engine {

/// How a conversation is cut for its summary:
///
///   [0, head)      the introduction: what stands before the model's first word
///   [head, tail)   what is summed up
///   [tail, end)    what the model has not answered yet: stays as it is
struct Sections
{
    size_t head = 0;
    size_t tail = 0;
    bool canBeSummedUp() const { return head < tail; }
    bool operator==(const Sections &) const = default;
};
Sections sections(const History &history);

/// Where the newer half of `history[from, tail)` begins, by bytes: a place where every call before it has its
/// answer and no thought is parted from what it led to. `tail` when there is none.
size_t newerHalf(const History &history, size_t from, size_t tail);

/// Whether the conversation is to be summed up before the model is asked again. `tokens` is what it takes.
bool isTooLong(const Settings &settings, const History &history, qint64 tokens);
/// Whether it is after a turn's last answer.
bool isTooLongToKeep(const Settings &settings, const History &history, qint64 tokens);

/// What takes the place of the history's items, the base instructions left out: `context`, what the user said
/// as far as there is room, the summary, and the tail. `context` is what a new session would be told.
History summedUp(const Settings &settings, const History &history, const History &context, const QString &summary);

/// A summary as the model is shown it, and as the log keeps it for readers that take nothing else.
QString introducedSummary(const QString &summary);

} // namespace nightshift::engine
